//! Colours, for a light and for a dark page, as one style sheet. Plain classes and no variables, so
//! that programs that know little of CSS show the light picture.

use crate::memory::ontology::{EdgeKind, NodeKind};

/// The class of a kind of thing.
pub(super) const fn of_node(kind: NodeKind) -> &'static str {
    match kind {
        NodeKind::Teen => "teen",
        NodeKind::Person => "person",
        NodeKind::Place => "place",
        NodeKind::Thing => "thing",
        NodeKind::Topic => "topic",
        NodeKind::Event => "event",
        NodeKind::Activity => "activity",
        NodeKind::Goal => "goal",
    }
}

/// The heading over the things of a kind.
pub(super) const fn heading(kind: NodeKind) -> &'static str {
    match kind {
        NodeKind::Teen => "TEEN",
        NodeKind::Person => "PEOPLE",
        NodeKind::Place => "PLACES",
        NodeKind::Thing => "THINGS",
        NodeKind::Topic => "TOPICS",
        NodeKind::Event => "EVENTS",
        NodeKind::Activity => "ACTIVITIES",
        NodeKind::Goal => "GOALS",
    }
}

/// The class of a kind of link.
pub(super) const fn of_edge(kind: EdgeKind) -> &'static str {
    match kind {
        EdgeKind::Supports => "helps",
        EdgeKind::Conflicts => "hinders",
        EdgeKind::Causal => "causal",
        EdgeKind::RelatesTo => "relates",
        EdgeKind::Temporal => "temporal",
        EdgeKind::Involves | EdgeKind::About | EdgeKind::Mentions => "involves",
    }
}

/// What a kind of link says, for the legend.
pub(super) const fn legend(class: &str) -> &'static str {
    match class.as_bytes() {
        b"helps" => "helps",
        b"hinders" => "gets in the way",
        b"causal" => "leads to",
        b"relates" => "what they are to each other",
        b"temporal" => "before, after, every",
        _ => "belongs to it",
    }
}

/// The style sheet.
pub(super) const SHEET: &str = "\
text{font-family:ui-sans-serif,system-ui,-apple-system,'Segoe UI',Roboto,'Helvetica Neue',Arial,sans-serif}\
.paper{fill:#fbfaf8;stroke:#e6e2da}\
.card{fill:#fff;stroke:#e2ddd3}\
.title{fill:#1f2328;font-size:20px;font-weight:650}\
.caption,.legend{fill:#6b6f76;font-size:13px}\
.heading{font-size:12.5px;font-weight:700;letter-spacing:.09em}\
.name{fill:#1f2328;font-size:15.5px;font-weight:600}\
.note{fill:#6b6f76;font-size:13px}\
.hub{fill:#1f2328}\
.hub-name{fill:#fff;font-size:16px;font-weight:650;text-anchor:middle}\
.halo{stroke:#fbfaf8;stroke-width:5px;stroke-linejoin:round;paint-order:stroke;font-size:12.5px;\
font-weight:600;text-anchor:middle}\
.fan{fill:none;stroke-width:1.8;stroke-opacity:.55}\
.spoken{stroke-width:1.1;stroke-opacity:.35}\
.ended{stroke-dasharray:5 5}\
.link{fill:none;stroke-width:1.8}\
.plain{stroke:#6b6f76}\
.gone{opacity:.34}\
.gone .name{text-decoration:line-through}\
.f-person{fill:#c2416b}.s-person{stroke:#c2416b}\
.f-place{fill:#0f7f74}.s-place{stroke:#0f7f74}\
.f-thing{fill:#7c4fd0}.s-thing{stroke:#7c4fd0}\
.f-topic{fill:#5b6b80}.s-topic{stroke:#5b6b80}\
.f-event{fill:#b4640a}.s-event{stroke:#b4640a}\
.f-activity{fill:#2563c9}.s-activity{stroke:#2563c9}\
.f-goal{fill:#2f7d32}.s-goal{stroke:#2f7d32}\
.f-helps{fill:#2f7d32}.s-helps{stroke:#2f7d32}\
.f-hinders{fill:#c0392b}.s-hinders{stroke:#c0392b}\
.f-causal{fill:#b4640a}.s-causal{stroke:#b4640a}\
.f-relates{fill:#5b6b80}.s-relates{stroke:#5b6b80}\
.f-temporal{fill:#2563c9}.s-temporal{stroke:#2563c9}\
.f-involves{fill:#7c4fd0}.s-involves{stroke:#7c4fd0}\
@media (prefers-color-scheme:dark){\
.paper{fill:#14171c;stroke:#2c323a}\
.card{fill:#1d2229;stroke:#333a44}\
.title,.name{fill:#eef0f3}\
.caption,.legend,.note{fill:#9aa3ae}\
.hub{fill:#eef0f3}\
.hub-name{fill:#14171c}\
.halo{stroke:#14171c}\
.plain{stroke:#9aa3ae}\
.f-person{fill:#f08bab}.s-person{stroke:#f08bab}\
.f-place{fill:#4cc9bb}.s-place{stroke:#4cc9bb}\
.f-thing{fill:#b79bf3}.s-thing{stroke:#b79bf3}\
.f-topic{fill:#a3b2c6}.s-topic{stroke:#a3b2c6}\
.f-event{fill:#f0b058}.s-event{stroke:#f0b058}\
.f-activity{fill:#7fb0ff}.s-activity{stroke:#7fb0ff}\
.f-goal{fill:#7fce83}.s-goal{stroke:#7fce83}\
.f-helps{fill:#7fce83}.s-helps{stroke:#7fce83}\
.f-hinders{fill:#ff8a7a}.s-hinders{stroke:#ff8a7a}\
.f-causal{fill:#f0b058}.s-causal{stroke:#f0b058}\
.f-relates{fill:#a3b2c6}.s-relates{stroke:#a3b2c6}\
.f-temporal{fill:#7fb0ff}.s-temporal{stroke:#7fb0ff}\
.f-involves{fill:#b79bf3}.s-involves{stroke:#b79bf3}\
}";
