//! Dates in a line, counted from the day it was said in the teen's zone.
//!
//! What has two readings is not guessed: a bare weekday or month takes its direction from the
//! clause's tense, "next Friday" is only known to the week, "6/5" is not read at all.

use std::ops::Range;

use innerworld_core::memory::graph::Precision;
use jiff::{ToSpan, civil::Date};

use super::scan::Scan;
use crate::lexicon::DateWords;

/// A span of days.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct When {
    /// First day.
    pub(super) from: Date,
    /// Last day.
    pub(super) until: Date,
    /// How precisely that is known.
    pub(super) precision: Precision,
}

/// A date expression.
#[derive(Clone, Debug)]
pub(super) struct Dated {
    pub(super) tokens: Range<usize>,
    pub(super) when: When,
}

/// Where a bare name of a day or month points.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Direction {
    Back,
    Ahead,
}

/// Reads every date of a line.
pub(super) fn find(scan: &Scan<'_>, today: Date, words: &DateWords) -> Vec<Dated> {
    let mut found = Vec::new();
    let mut at = 0;
    while at < scan.len() {
        let reader = Reader {
            scan,
            today,
            words,
            at,
        };
        match reader.read() {
            Some((length, when)) => {
                found.push(Dated {
                    tokens: at..at + length,
                    when,
                });
                at += length;
            }
            None => at += 1,
        }
    }
    found
}

/// Reads one expression at one place.
#[derive(Clone, Copy)]
struct Reader<'s, 't> {
    scan: &'s Scan<'t>,
    today: Date,
    words: &'s DateWords,
    at: usize,
}

impl Reader<'_, '_> {
    fn word(&self, ahead: usize) -> &str {
        self.scan.base(self.at + ahead)
    }

    fn read(&self) -> Option<(usize, When)> {
        self.near_day()
            .or_else(|| self.counted())
            .or_else(|| self.turned())
            .or_else(|| self.holiday(0).map(|(length, day)| (length, exactly(day))))
            .or_else(|| self.month_day())
            .or_else(|| self.on_the())
            .or_else(|| self.named())
            .or_else(|| self.year())
    }

    /// today, tmrw, yesterday, last night, this morning.
    fn near_day(&self) -> Option<(usize, When)> {
        let (length, days) = match (self.word(0), self.word(1)) {
            ("today" | "tonight" | "2day" | "tn", _) => (1, 0),
            ("tomorrow" | "tmrw" | "tmr" | "tmw" | "tomoro", _) => (1, 1),
            ("yesterday" | "yday", _) => (1, -1),
            ("last", "night") => (2, -1),
            ("this", "morning" | "afternoon" | "evening") => (2, 0),
            _ => return None,
        };
        Some((length, exactly(self.today.checked_add(days.days()).ok()?)))
    }

    /// in two weeks, 3 days ago, a month ago.
    fn counted(&self) -> Option<(usize, When)> {
        let ahead = self.word(0) == "in";
        let first = usize::from(ahead);
        let (count, used) = match (self.word(first), self.word(first + 1)) {
            ("a", "couple") => return None,
            ("a" | "an" | "one", _) => (1, 1),
            (number, _) => (self.number(number)?, 1),
        };
        let unit = self.word(first + used);
        let ago = self.word(first + used + 1) == "ago";
        if ahead == ago {
            return None;
        }
        let count = if ahead { count } else { -count };
        let length = first + used + 1 + usize::from(ago);
        let (span, precision) = match unit.strip_suffix('s').unwrap_or(unit) {
            "day" => (count.days(), Precision::Day),
            "week" => (count.weeks(), Precision::Week),
            "month" => (count.months(), Precision::Month),
            "year" => (count.years(), Precision::Year),
            _ => return None,
        };
        let day = self.today.checked_add(span).ok()?;
        Some((length, around(day, precision)))
    }

    fn number(&self, word: &str) -> Option<i64> {
        let listed = self.words.numbers.iter().position(|number| number == word);
        let number = listed
            .and_then(|n| i64::try_from(n).ok())
            .or_else(|| word.parse().ok())?;
        (1..=60).contains(&number).then_some(number)
    }

    /// last week, next month, this summer, last friday, next june.
    fn turned(&self) -> Option<(usize, When)> {
        let steps = match self.word(0) {
            "last" | "past" => -1,
            "this" => 0,
            "next" => 1,
            _ => return None,
        };
        let unit = self.word(1);
        let when = match unit {
            "week" => around(self.today.checked_add(steps.weeks()).ok()?, Precision::Week),
            "month" => around(
                self.today.checked_add(steps.months()).ok()?,
                Precision::Month,
            ),
            "year" => around(self.today.checked_add(steps.years()).ok()?, Precision::Year),
            "weekend" => self.weekend(steps)?,
            "summer" | "winter" | "spring" | "fall" | "autumn" => self.season(unit, steps)?,
            _ => match (self.weekday(unit), self.month(unit)) {
                (Some(weekday), _) => self.turned_weekday(weekday, steps)?,
                (None, Some(month)) => {
                    let direction = if steps < 0 {
                        Direction::Back
                    } else {
                        Direction::Ahead
                    };
                    self.month_near(month, direction)?
                }
                (None, None) => return None,
            },
        };
        Some((2, when))
    }

    fn weekend(&self, steps: i64) -> Option<When> {
        let monday = self.monday()?.checked_add(steps.weeks()).ok()?;
        let from = monday.checked_add(5.days()).ok()?;
        let until = monday.checked_add(6.days()).ok()?;
        Some(When {
            from,
            until,
            precision: Precision::Day,
        })
    }

    fn season(&self, name: &str, steps: i64) -> Option<When> {
        let first = match name {
            "spring" => 3,
            "summer" => 6,
            "winter" => 12,
            _ => 9,
        };
        let starts = Date::new(self.today.year(), first, 1).ok()?;
        let over = starts.checked_add(3.months()).ok()? <= self.today;
        let years = match (steps, over) {
            (-1, true) => 0,
            (-1, false) => -1,
            (_, true) => 1,
            _ => 0,
        };
        let from = starts.checked_add(years.years()).ok()?;
        let until = from.checked_add(3.months()).ok()?.yesterday().ok()?;
        // Three months are known no better than to the year.
        Some(When {
            from,
            until,
            precision: Precision::Year,
        })
    }

    fn turned_weekday(&self, weekday: i64, steps: i64) -> Option<When> {
        let today = i64::from(self.today.weekday().to_monday_zero_offset());
        let ahead = (weekday - today).rem_euclid(7);
        match steps {
            -1 => {
                let back = if ahead == 0 { 7 } else { 7 - ahead };
                Some(exactly(self.today.checked_sub(back.days()).ok()?))
            }
            0 => Some(exactly(self.today.checked_add(ahead.days()).ok()?)),
            // This week's or the one after: people mean both.
            _ => {
                let from = self.today.checked_add(ahead.max(1).days()).ok()?;
                Some(When {
                    from,
                    until: from.checked_add(7.days()).ok()?,
                    precision: Precision::Week,
                })
            }
        }
    }

    /// june 5th, on june 5, the 5th of june.
    fn month_day(&self) -> Option<(usize, When)> {
        let on = usize::from(matches!(self.word(0), "on" | "by" | "since"));
        if let Some(month) = self.month(self.word(on)) {
            let day = ordinal(self.word(on + 1))?;
            return Some((on + 2, exactly(self.day_near(month, day)?)));
        }
        let lead = on + usize::from(self.word(on) == "the");
        let day = ordinal(self.word(lead))?;
        let of = usize::from(self.word(lead + 1) == "of");
        let month = self.month(self.word(lead + 1 + of))?;
        Some((lead + 2 + of, exactly(self.day_near(month, day)?)))
    }

    fn day_near(&self, month: i8, day: i8) -> Option<Date> {
        let this_year = Date::new(self.today.year(), month, day).ok()?;
        match self.direction() {
            Direction::Back if this_year > self.today => {
                Date::new(self.today.year() - 1, month, day).ok()
            }
            Direction::Ahead if this_year < self.today => {
                Date::new(self.today.year() + 1, month, day).ok()
            }
            Direction::Back | Direction::Ahead => Some(this_year),
        }
    }

    /// on the 5th.
    fn on_the(&self) -> Option<(usize, When)> {
        if (self.word(0), self.word(1)) != ("on", "the") || !self.word(2).ends_with(['t', 'd', 'h'])
        {
            return None;
        }
        let day = ordinal(self.word(2))?;
        let mut first = self.today.first_of_month();
        // The next (or last) month that has such a day.
        for _ in 0..3 {
            if let Ok(date) = Date::new(first.year(), first.month(), day) {
                match self.direction() {
                    Direction::Ahead if date >= self.today => return Some((3, exactly(date))),
                    Direction::Back if date <= self.today => return Some((3, exactly(date))),
                    Direction::Ahead | Direction::Back => {}
                }
            }
            first = match self.direction() {
                Direction::Ahead => first.checked_add(1.month()).ok()?,
                Direction::Back => first.checked_sub(1.month()).ok()?,
            };
        }
        None
    }

    /// friday, on friday, in june, since june.
    fn named(&self) -> Option<(usize, When)> {
        let lead = usize::from(matches!(
            self.word(0),
            "on" | "in" | "since" | "until" | "by"
        ));
        if let Some(weekday) = self.weekday(self.word(lead)) {
            let today = i64::from(self.today.weekday().to_monday_zero_offset());
            let ahead = (weekday - today).rem_euclid(7);
            let day = match self.direction() {
                Direction::Ahead => self.today.checked_add(ahead.days()),
                Direction::Back => self.today.checked_sub(((7 - ahead) % 7).days()),
            };
            return Some((lead + 1, exactly(day.ok()?)));
        }
        // "may" and "march" are verbs too: a month needs its preposition.
        let month = self.month(self.word(lead)).filter(|_| lead == 1)?;
        let direction = match self.word(0) {
            "since" => Direction::Back,
            _ => self.direction(),
        };
        let year = self.scan.low(self.at + 2).parse::<i16>();
        if let Some(year) = year.ok().filter(|year| (1990..2100).contains(year)) {
            let day = Date::new(year, month, 1).ok()?;
            return Some((3, around(day, Precision::Month)));
        }
        Some((lead + 1, self.month_near(month, direction)?))
    }

    fn month_near(&self, month: i8, direction: Direction) -> Option<When> {
        let this = Date::new(self.today.year(), month, 1).ok()?;
        let day = match direction {
            Direction::Back if this > self.today => this.checked_sub(1.year()).ok()?,
            Direction::Ahead if this.last_of_month() < self.today => {
                this.checked_add(1.year()).ok()?
            }
            Direction::Back | Direction::Ahead => this,
        };
        Some(around(day, Precision::Month))
    }

    /// in 2024, since 2019.
    fn year(&self) -> Option<(usize, When)> {
        if !matches!(self.word(0), "in" | "since") {
            return None;
        }
        let year = self.word(1).parse::<i16>().ok()?;
        if !(1990..2100).contains(&year) {
            return None;
        }
        Some((2, around(Date::new(year, 1, 1).ok()?, Precision::Year)))
    }

    /// Holidays by rule; their day near today.
    fn holiday(&self, ahead: usize) -> Option<(usize, Date)> {
        let word = |n: usize| self.scan.low(self.at + ahead + n);
        let year = self.today.year();
        let (length, rule): (usize, fn(i16) -> Option<Date>) = match (word(0), word(1)) {
            ("christmas", "eve") => (2, |year| Date::new(year, 12, 24).ok()),
            ("christmas" | "xmas", _) => (1, |year| Date::new(year, 12, 25).ok()),
            ("halloween", _) => (1, |year| Date::new(year, 10, 31).ok()),
            ("thanksgiving", _) => (1, |year| {
                let november = Date::new(year, 11, 1).ok()?;
                november
                    .nth_weekday_of_month(4, jiff::civil::Weekday::Thursday)
                    .ok()
            }),
            ("valentine's" | "valentines", "day") => (2, |year| Date::new(year, 2, 14).ok()),
            ("new", "year's" | "years") => (2, |year| Date::new(year, 1, 1).ok()),
            ("juneteenth", _) => (1, |year| Date::new(year, 6, 19).ok()),
            _ => return None,
        };
        let this_year = rule(year)?;
        let date = match self.direction() {
            Direction::Back if this_year > self.today => rule(year - 1)?,
            Direction::Ahead if this_year < self.today => rule(year + 1)?,
            Direction::Back | Direction::Ahead => this_year,
        };
        Some((length, date))
    }

    fn direction(&self) -> Direction {
        let past = self
            .scan
            .clause_of(self.at)
            .is_some_and(|clause| clause.past);
        if past {
            Direction::Back
        } else {
            Direction::Ahead
        }
    }

    fn monday(&self) -> Option<Date> {
        let days = i64::from(self.today.weekday().to_monday_zero_offset());
        self.today.checked_sub(days.days()).ok()
    }

    fn weekday(&self, word: &str) -> Option<i64> {
        // "sat" and "sun" are words of their own; without "on" or "this" they are not read.
        let short = matches!(word, "sat" | "sun" | "mon" | "wed" | "fri");
        if short && !matches!(self.word(0), "on" | "this" | "next" | "last" | "by") {
            return None;
        }
        position(&self.words.weekdays, word)
    }

    fn month(&self, word: &str) -> Option<i8> {
        let place = position(&self.words.months, word)?;
        i8::try_from(place + 1).ok()
    }
}

fn position(lists: &[Vec<String>], word: &str) -> Option<i64> {
    let place = lists
        .iter()
        .position(|names| names.iter().any(|name| name == word))?;
    i64::try_from(place).ok()
}

/// 5, 5th, 21st.
fn ordinal(word: &str) -> Option<i8> {
    let digits = ["st", "nd", "rd", "th"]
        .iter()
        .find_map(|ending| word.strip_suffix(ending))
        .unwrap_or(word);
    let day = digits.parse::<i8>().ok()?;
    (1..=31).contains(&day).then_some(day)
}

const fn exactly(day: Date) -> When {
    When {
        from: day,
        until: day,
        precision: Precision::Day,
    }
}

/// The week, month or year around a day.
fn around(day: Date, precision: Precision) -> When {
    let days = i64::from(day.weekday().to_monday_zero_offset());
    let (from, until) = match precision {
        Precision::Day | Precision::Unknown => (day, day),
        Precision::Week => {
            let monday = day.saturating_sub(days.days());
            (monday, monday.saturating_add(6.days()))
        }
        Precision::Month => (day.first_of_month(), day.last_of_month()),
        Precision::Year => (day.first_of_year(), day.last_of_year()),
    };
    When {
        from,
        until,
        precision,
    }
}
