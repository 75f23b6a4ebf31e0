//! What was true when.

use innerworld_core::{
    clock::Timestamp,
    ids::{SessionId, TurnId},
    memory::{
        graph::{Assertion, AssertionId, EdgeId, Polarity, Precision},
        intervals::{Claim, Interval, derive},
    },
};
use proptest::prelude::*;

/// An assertion about an edge, as `(edge, valid_at, recorded_at, holds)`.
type Said = (u128, i64, i64, bool);

fn assertion(id: u128, said: Said) -> (EdgeId, Assertion) {
    let (edge, valid_at, recorded_at, holds) = said;
    let polarity = if holds {
        Polarity::Holds
    } else {
        Polarity::Stopped
    };
    let assertion = Assertion {
        id: AssertionId(id),
        polarity,
        valid_at: Timestamp::from_millis(valid_at),
        precision: Precision::Day,
        recorded_at: Timestamp::from_millis(recorded_at),
        turns: vec![turn(recorded_at, id)],
        session: SessionId::from_bits(1),
        extractor: "local".to_owned(),
        version: "1".to_owned(),
        confidence: 0.5,
        emotion: [0.0; 7],
    };
    (EdgeId(edge), assertion)
}

/// A turn said at that instant: what is said is written down at once here.
fn turn(said_at: i64, number: u128) -> TurnId {
    TurnId::from_bits((u128::try_from(said_at.max(0)).unwrap() << 80) | number)
}

fn claims(assertions: &[(EdgeId, Assertion)]) -> Vec<Claim<'_>> {
    assertions
        .iter()
        .map(|(edge, assertion)| Claim {
            edge: *edge,
            assertion,
        })
        .collect()
}

/// The intervals of edge 1, and of edge 2, as `from..until`.
fn told(said: &[Said], known_on: Option<i64>) -> String {
    let assertions: Vec<_> = (1..)
        .zip(said)
        .map(|(id, said)| assertion(id, *said))
        .collect();
    let derived = derive(&claims(&assertions), known_on.map(Timestamp::from_millis));
    let show = |intervals: &Vec<Interval>| {
        let each = intervals.iter().map(|interval| {
            let until = interval.until.map(|until| until.as_millis().to_string());
            format!(
                "{}..{}",
                interval.from.as_millis(),
                until.unwrap_or_default()
            )
        });
        each.collect::<Vec<_>>().join(" ")
    };
    derived.values().map(show).collect::<Vec<_>>().join(" | ")
}

#[test]
fn a_scripted_set_of_histories_is_read_as_people_mean_it() {
    for (said, expected) in [
        // Once said, it holds; said again, it still holds since the first time.
        (vec![(1, 10, 10, true), (1, 20, 20, true)], "10.."),
        // Stopped, and taken up again.
        (
            vec![(1, 10, 10, true), (1, 20, 20, false), (1, 30, 30, true)],
            "10..20 30..",
        ),
        // A late session tells of an earlier time.
        (
            vec![(1, 30, 30, true), (1, 10, 40, true), (1, 20, 50, false)],
            "10..20 30..",
        ),
        // Only ever denied: it never held.
        (vec![(1, 10, 10, false)], "10..10"),
        // Another school ends the first.
        (vec![(1, 10, 10, true), (2, 20, 20, true)], "10..20 | 20.."),
        // Back to the first one.
        (
            vec![(1, 10, 10, true), (2, 20, 20, true), (1, 30, 30, true)],
            "10..20 30.. | 20..30",
        ),
        // Leaving what was left before changes nothing.
        (
            vec![(1, 10, 10, true), (2, 20, 20, true), (1, 25, 25, false)],
            "10..20 | 20..",
        ),
    ] {
        assert_eq!(told(&said, None), expected);
    }
}

/// Days since the first of a month, at which something was said to hold or to have stopped some
/// time in that month.
fn told_of_a_month(said: &[(u128, i64, i64, bool, Precision)]) -> Vec<(Option<i64>, Option<i64>)> {
    const DAY: i64 = 86_400_000;
    let assertions: Vec<_> = (1..)
        .zip(said)
        .map(|(id, (edge, valid, recorded, holds, precision))| {
            let said = (*edge, valid * DAY, recorded * DAY, *holds);
            let (edge, mut assertion) = assertion(id, said);
            assertion.precision = *precision;
            (edge, assertion)
        })
        .collect();
    let derived = derive(&claims(&assertions), None);
    let days = |at: Timestamp| at.as_millis() / DAY;
    derived
        .values()
        .map(|all| all.last().unwrap())
        .map(|last| (Some(days(last.from)), last.until.map(days)))
        .collect()
}

#[test]
fn a_month_in_which_something_was_known_to_hold_ends_it_afterwards() {
    use Precision::{Day, Month};
    // Practice on the 20th; said on the 40th day: "I quit last month".
    let quit = told_of_a_month(&[(1, 20, 20, true, Day), (1, 0, 40, false, Month)]);
    assert_eq!(quit, [(Some(20), Some(31))]);
    // "I live in Dallas" on the 5th; said on the 33rd: "we moved to Austin last month".
    let moved = told_of_a_month(&[(1, 5, 5, true, Day), (2, 0, 33, true, Month)]);
    assert_eq!(moved, [(Some(5), Some(31)), (Some(31), None)]);
    // Nothing else was known of that month: its first day stands for it.
    let plain = told_of_a_month(&[(1, -50, -50, true, Day), (1, 0, 40, false, Month)]);
    assert_eq!(plain, [(Some(-50), Some(0))]);
    // Told afterwards, it was taken up again.
    let again = told_of_a_month(&[(1, 0, 40, false, Month), (1, 45, 45, true, Day)]);
    assert_eq!(again, [(Some(45), None)]);
}

#[test]
fn a_month_is_as_long_as_the_calendar_says() {
    const DAY: i64 = 86_400_000;
    let last = |month: &str, told: i64| {
        let first = Timestamp::parse_rfc3339(&format!("{month}-01T00:00:00Z")).unwrap();
        let first = first.as_millis() / DAY;
        let said = [
            (1, first + 9, first + 9, true, Precision::Day),
            (1, first, first + told, false, Precision::Month),
        ];
        let (_from, until) = *told_of_a_month(&said).first().unwrap();
        until.unwrap() - first
    };
    assert_eq!(last("2026-01", 40), 31);
    assert_eq!(last("2026-02", 40), 28);
    assert_eq!(last("2028-02", 40), 29);
    assert_eq!(last("2026-04", 40), 30);
    // Within the month it has ended when it is said.
    assert_eq!(last("2026-04", 12), 12);
}

#[test]
fn what_is_meant_at_one_instant_is_read_as_it_was_said() {
    // Ids are hashes: whichever is the greater, the later word counts.
    for ids in [(1, 2), (2, 1)] {
        let told = |id, edge, said_at| {
            let (edge, mut one) = assertion(id, (edge, 10, 90, true));
            one.turns = vec![turn(said_at, id)];
            (edge, one)
        };
        let (slip, meant) = (told(ids.0, 1, 20), told(ids.1, 2, 21));
        let derived = derive(&claims(&[meant, slip]), None);
        let open = |edge| {
            derived
                .get(&EdgeId(edge))
                .unwrap()
                .last()
                .unwrap()
                .until
                .is_none()
        };
        assert!(!open(1) && open(2));
    }
}

#[test]
fn what_was_said_before_a_quitting_does_not_undo_it_by_arriving_late() {
    const DAY: i64 = 86_400_000;
    // Practice on the 20th, written down on the 50th day; on the 40th: "I quit last month".
    let (edge, mut practice) = assertion(1, (1, 20 * DAY, 50 * DAY, true));
    practice.turns = vec![turn(20 * DAY, 1)];
    let (_edge, mut quit) = assertion(2, (1, 0, 40 * DAY, false));
    quit.precision = Precision::Month;
    let derived = derive(&claims(&[(edge, practice), (edge, quit)]), None);
    let last = derived.values().next().unwrap().last().unwrap();
    assert_eq!(last.until, Some(Timestamp::from_millis(31 * DAY)));
}

#[test]
fn what_was_known_on_a_day_does_not_change_later() {
    let said = [(1, 10, 10, true), (1, 15, 40, false)];
    assert_eq!(told(&said, Some(39)), "10..");
    assert_eq!(told(&said, Some(40)), "10..15");
    assert_eq!(told(&said, Some(9)), "");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(innerworld_testkit::cases(128)))]

    /// Order of arrival and repetition change nothing; intervals never end before they begin, of
    /// an exclusive slot at most one value holds at a time.
    #[test]
    fn intervals_depend_on_the_set_alone(
        said in prop::collection::vec((1_u128..4, 0_i64..20, 0_i64..20, any::<bool>()), 0..12),
        coarse in any::<u16>(),
        seed in any::<u64>(),
    ) {
        let mut assertions: Vec<_> =
            (1..).zip(&said).map(|(id, said)| assertion(id, *said)).collect();
        for (_edge, assertion) in &mut assertions {
            if coarse >> (assertion.id.0 % 16) & 1 == 1 {
                assertion.precision = Precision::Month;
            }
        }
        let expected = derive(&claims(&assertions), None);
        let mut shuffled = assertions.clone();
        shuffled.extend(assertions.iter().take(3).cloned());
        shuffled.sort_by_key(|(_edge, assertion)| {
            assertion.id.0.wrapping_mul(u128::from(seed) | 1) % 1_009
        });
        prop_assert_eq!(&derive(&claims(&shuffled), None), &expected);
        for intervals in expected.values() {
            prop_assert!(!intervals.is_empty());
            for interval in intervals {
                prop_assert!(interval.until.is_none_or(|until| until >= interval.from));
            }
        }
        for instant in 0..40 {
            let at = Timestamp::from_millis(instant);
            let holding = expected.values().flatten().filter(|one| one.holds_at(at)).count();
            prop_assert!(holding <= 1);
        }
    }
}
