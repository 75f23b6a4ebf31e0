//! What was measured, beside what it must be.

use serde::Serialize;

/// What a figure must be.
#[derive(Debug, Clone, Copy, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Must {
    /// At most this.
    AtMost(f64),
    /// At least this.
    AtLeast(f64),
}

/// One figure.
#[derive(Debug, Serialize)]
pub(super) struct Figure {
    /// The gate, as the design numbers it; empty for a figure that stands beside one.
    pub(super) gate: &'static str,
    /// What was measured.
    pub(super) what: String,
    pub(super) value: f64,
    pub(super) unit: &'static str,
    pub(super) must: Option<Must>,
}

/// All of a run.
#[derive(Debug, Default, Serialize)]
pub(super) struct Figures(pub(super) Vec<Figure>);

impl Figure {
    /// A figure that a gate is about.
    pub(super) fn gate(
        gate: &'static str,
        what: impl Into<String>,
        (value, unit): (f64, &'static str),
        must: Must,
    ) -> Self {
        Self {
            gate,
            what: what.into(),
            value,
            unit,
            must: Some(must),
        }
    }

    /// A figure that explains others.
    pub(super) fn beside(what: impl Into<String>, (value, unit): (f64, &'static str)) -> Self {
        Self {
            gate: "",
            what: what.into(),
            value,
            unit,
            must: None,
        }
    }

    /// Whether it is what it must be.
    pub(super) fn is_met(&self) -> bool {
        match self.must {
            None => true,
            Some(Must::AtMost(most)) => self.value <= most,
            Some(Must::AtLeast(least)) => self.value >= least,
        }
    }

    /// Gate, what, value, demand, verdict.
    fn cells(&self) -> [String; 5] {
        let with_unit = |value| format!("{} {}", digits(value), self.unit);
        let must = match self.must {
            None => String::new(),
            Some(Must::AtMost(most)) => format!("at most {}", with_unit(most)),
            Some(Must::AtLeast(least)) => format!("at least {}", with_unit(least)),
        };
        let verdict = match (self.must.is_some(), self.is_met()) {
            (false, _) => "",
            (true, true) => "met",
            (true, false) => "**missed**",
        };
        [
            self.gate.to_owned(),
            self.what.clone(),
            with_unit(self.value),
            must,
            verdict.to_owned(),
        ]
    }

    /// One line for people.
    pub(super) fn line(&self) -> String {
        let [gate, what, value, must, verdict] = self.cells();
        let gate = if gate.is_empty() {
            String::new()
        } else {
            format!("[{gate}] ")
        };
        let must = if must.is_empty() {
            String::new()
        } else {
            format!(" ({must}: {})", verdict.trim_matches('*'))
        };
        format!("{gate}{what}: {value}{must}")
    }
}

impl Figures {
    /// As a table.
    pub(super) fn table(&self) -> String {
        let rows = self.0.iter().map(|figure| {
            let [gate, what, value, must, verdict] = figure.cells();
            format!("| {gate} | {what} | {value} | {must} | {verdict} |")
        });
        let heads = ["| gate | measured | | must be | |", "|---|---|---|---|---|"];
        let lines: Vec<String> = heads.map(str::to_owned).into_iter().chain(rows).collect();
        lines.join("\n")
    }

    /// What is not as it must be.
    pub(super) fn missed(&self) -> usize {
        self.0.iter().filter(|figure| !figure.is_met()).count()
    }
}

/// Three digits that say something.
fn digits(value: f64) -> String {
    match value.abs() {
        size if size >= 1_000.0 => thousands(value),
        size if size >= 100.0 => format!("{value:.0}"),
        size if size >= 10.0 => format!("{value:.1}"),
        _ => trimmed(&format!("{value:.3}")),
    }
}

fn thousands(value: f64) -> String {
    let whole = format!("{value:.0}");
    let mut shown = String::new();
    for (left, digit) in (0..whole.len()).rev().zip(whole.chars()) {
        shown.push(digit);
        if left > 0 && left % 3 == 0 {
            shown.push(',');
        }
    }
    shown
}

fn trimmed(number: &str) -> String {
    number
        .trim_end_matches('0')
        .trim_end_matches('.')
        .to_owned()
}

/// The value within which this many of a hundred lie.
pub(super) fn percentile(values: &mut [f64], of_hundred: usize) -> f64 {
    values.sort_by(f64::total_cmp);
    let place = (values.len() * of_hundred).div_ceil(100);
    values
        .get(place.saturating_sub(1))
        .copied()
        .unwrap_or(f64::NAN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_figure_says_whether_it_is_met() {
        let figure = Figure::gate("5", "a query", (0.3204, "ms"), Must::AtMost(0.3));
        assert_eq!(
            figure.line(),
            "[5] a query: 0.32 ms (at most 0.3 ms: missed)"
        );
        let figure = Figure::gate("6", "tokens", (123_456.0, "a second"), Must::AtLeast(1e5));
        assert!(figure.is_met());
        assert!(figure.line().contains("123,456 a second"));
    }

    #[test]
    fn percentiles_are_places_in_order() {
        let mut values: Vec<f64> = (1..=200).map(f64::from).rev().collect();
        let found = [50, 99, 100].map(|share| percentile(&mut values, share).to_bits());
        assert_eq!(found, [100.0_f64, 198.0, 200.0].map(f64::to_bits));
    }
}
