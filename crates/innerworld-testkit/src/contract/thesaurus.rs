//! The contract of thesauruses. They are synchronous and pure, so that a suite is one function.

use innerworld_core::memory::thesaurus::Thesaurus;

/// The clauses of [`Thesaurus`]'s contract that `thesaurus` breaks, asked for these stems.
pub fn broken_clauses(thesaurus: &dyn Thesaurus, stems: &[&str]) -> Vec<&'static str> {
    let near = |stem: &&str| {
        let mut near: Vec<(String, f32)> = Vec::new();
        thesaurus.near(stem, &mut |stem, share| near.push((stem.to_owned(), share)));
        near
    };
    let lists: Vec<_> = stems.iter().map(near).collect();
    let again: Vec<_> = stems.iter().map(near).collect();
    let all = || lists.iter().flatten();
    let clauses = [
        (!thesaurus.version().is_empty(), "it names its list"),
        (lists == again, "the same stem gives the same answer"),
        (
            lists.iter().all(|list| {
                let mut named: Vec<&str> = list.iter().map(|(stem, _)| stem.as_str()).collect();
                named.sort_unstable();
                named.windows(2).all(|pair| pair.first() != pair.last())
            }),
            "each stem is given once",
        ),
        (
            stems
                .iter()
                .zip(&lists)
                .all(|(stem, list)| list.iter().all(|(near, _)| near != stem)),
            "a stem is not near to itself",
        ),
        (
            lists
                .iter()
                .all(|list| list.is_sorted_by(|a, b| a.1 >= b.1)),
            "the nearest comes first",
        ),
        (
            all().all(|(_, share)| *share > 0.0 && *share <= 1.0),
            "a share is above 0 and at most 1",
        ),
    ];
    clauses
        .into_iter()
        .filter_map(|(kept, clause)| (!kept).then_some(clause))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Gives a list, whatever it is asked.
    struct Always(&'static str, Vec<(&'static str, f32)>);

    impl Thesaurus for Always {
        fn version(&self) -> &str {
            self.0
        }

        fn near(&self, _stem: &str, take: &mut dyn FnMut(&str, f32)) {
            for (stem, share) in &self.1 {
                take(stem, *share);
            }
        }
    }

    #[test]
    fn a_wrong_thesaurus_breaks_the_clause_that_is_meant() {
        let broken = |version, list: &[(&'static str, f32)]| {
            broken_clauses(&Always(version, list.to_vec()), &["job"])
        };
        assert!(broken("v", &[("work", 1.0), ("task", 0.5)]).is_empty());
        assert_eq!(broken("", &[]), ["it names its list"]);
        assert_eq!(
            broken("v", &[("work", 0.5), ("work", 0.5)]),
            ["each stem is given once"]
        );
        assert_eq!(
            broken("v", &[("job", 0.5)]),
            ["a stem is not near to itself"]
        );
        assert_eq!(
            broken("v", &[("work", 0.5), ("task", 0.6)]),
            ["the nearest comes first"]
        );
        for share in [0.0, 1.1] {
            assert_eq!(
                broken("v", &[("work", share)]),
                ["a share is above 0 and at most 1"]
            );
        }
    }
}
