//! A graph as a picture: one SVG that any browser shows, for a teen, a developer or a page.
//!
//! The teen stands in the middle; what they spoke of stands left and right of them, by kind. The
//! same graph always gives the same bytes. Nothing is fetched and nothing runs in it: no script, no
//! font, no link; names are escaped.

mod cards;
mod layout;
mod links;
mod paint;
mod style;
mod width;

use std::collections::BTreeSet;

use super::{Target, graph::Graph};

/// What to draw, and how to call it.
#[derive(Clone, Debug)]
pub struct Drawing<'a> {
    /// The graph.
    pub graph: &'a Graph,
    /// IANA time zone in which days are told.
    pub zone: &'a str,
    /// What stands in the middle.
    pub teen_name: &'a str,
    /// Heading; screen readers tell it first.
    pub title: &'a str,
    /// Things and facts that are struck out.
    pub gone: &'a BTreeSet<Target>,
}

impl Drawing<'_> {
    /// The picture. Of each kind at most a dozen things are shown, those that were spoken of most;
    /// the picture says how many more there are.
    pub fn to_svg(&self) -> String {
        let cards = cards::of(self);
        let links = links::between(self, &cards);
        let layout = layout::lay_out(&cards, &links);
        let drawn = links::route(&links, &layout);
        paint::picture(self, &layout, &drawn)
    }
}
