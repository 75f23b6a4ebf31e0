//! The plan as SVG.

use std::collections::BTreeSet;

use super::{
    Drawing,
    cards::{Card, Hold},
    layout::{CARD_HEIGHT, CARD_WIDTH, HUB_RADIUS, Layout, Placed, Side, Spot},
    links::Drawn,
    style,
    width::{cut, escape, of, short},
};
use crate::memory::ontology::NodeKind;

/// Left and right of heading and legend.
const INSET: f64 = 34.0;
const LEGEND_ROW: f64 = 24.0;
const LEGEND_SIZE: f64 = 13.0;
const SAMPLE: f64 = 28.0;
const TITLE_SIZE: f64 = 20.0;
const NAME_SIZE: f64 = 15.5;
const NOTE_SIZE: f64 = 13.0;

/// The whole picture.
pub(super) fn picture(drawing: &Drawing<'_>, layout: &Layout, links: &[Drawn<'_>]) -> String {
    let (legend, legend_height) = legend(drawing, layout, links);
    let height = layout.bottom + 30.0 + legend_height;
    let (w, h) = (short(layout.width), short(height));
    let mut lines = vec![
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{w}\" height=\"{h}\" \
             viewBox=\"0 0 {w} {h}\" role=\"img\" aria-labelledby=\"title desc\">"
        ),
        format!("<title id=\"title\">{}</title>", escape(drawing.title)),
        format!(
            "<desc id=\"desc\">{}</desc>",
            escape(&description(drawing, layout, links))
        ),
        format!("<style>{}</style>", style::SHEET),
        format!(
            "<rect class=\"paper\" x=\"0.5\" y=\"0.5\" width=\"{}\" height=\"{}\" rx=\"14\"/>",
            short(layout.width - 1.0),
            short(height - 1.0)
        ),
        text(
            (INSET, 40.0),
            "title",
            &cut(drawing.title, TITLE_SIZE, layout.width - 2.0 * INSET),
        ),
    ];
    lines.extend(fans(layout));
    lines.extend(links.iter().map(curve));
    lines.extend(links.iter().filter_map(label));
    lines.extend(hub(drawing, layout));
    lines.extend(layout.groups.iter().flat_map(group));
    lines.extend(legend);
    lines.push("</svg>\n".to_owned());
    lines.join("\n")
}

fn text((x, y): (f64, f64), class: &str, text: &str) -> String {
    format!(
        "<text class=\"{class}\" x=\"{}\" y=\"{}\">{}</text>",
        short(x),
        short(y),
        escape(text)
    )
}

/// The lines from the teen to every card.
fn fans(layout: &Layout) -> Vec<String> {
    let (hub_x, hub_y) = layout.hub;
    let line = |kind: NodeKind, card: &Card, spot: Spot| {
        let out = match spot.side {
            Side::Left => -1.0,
            Side::Right => 1.0,
        };
        let (x, y) = (spot.inner(), spot.y);
        let (near, far) = (hub_x + out * 60.0, x - out * 100.0);
        let held = match card.hold {
            Hold::Holds => "",
            Hold::Ended => " ended",
            Hold::Spoken => " spoken",
        };
        let gone = if card.gone { " gone" } else { "" };
        format!(
            "<path class=\"fan{held}{gone} s-{}\" d=\"M{} {}C{} {} {} {} {} {}\"/>",
            style::of_node(kind),
            short(hub_x),
            short(hub_y),
            short(near),
            short(hub_y + (y - hub_y) * 0.3),
            short(far),
            short(y),
            short(x),
            short(y)
        )
    };
    let groups = layout.groups.iter();
    groups
        .flat_map(|group| {
            let cards = group.cards.iter();
            cards.map(move |(card, spot)| line(group.kind, card, *spot))
        })
        .collect()
}

fn curve(drawn: &Drawn<'_>) -> String {
    let link = drawn.link;
    let ended = if link.ended { " ended" } else { "" };
    let gone = if link.gone { " gone" } else { "" };
    format!(
        "<path class=\"link{ended}{gone} s-{}\" d=\"{}\"><title>{}</title></path>",
        style::of_edge(link.kind),
        drawn.path,
        escape(&link.says)
    )
}

fn label(drawn: &Drawn<'_>) -> Option<String> {
    let (x, y) = drawn.label?;
    let gone = if drawn.link.gone { " gone" } else { "" };
    let class = format!("halo{gone} f-{}", style::of_edge(drawn.link.kind));
    Some(text((x, y + 4.0), &class, &drawn.link.label))
}

fn hub(drawing: &Drawing<'_>, layout: &Layout) -> [String; 2] {
    let (x, y) = layout.hub;
    [
        format!(
            "<circle class=\"hub\" cx=\"{}\" cy=\"{}\" r=\"{}\"/>",
            short(x),
            short(y),
            short(HUB_RADIUS)
        ),
        text(
            (x, y + 5.5),
            "hub-name",
            &cut(drawing.teen_name, 16.0, 2.0 * HUB_RADIUS - 14.0),
        ),
    ]
}

fn group(placed: &Placed) -> Vec<String> {
    let kind = style::of_node(placed.kind);
    let heading = format!("heading f-{kind}");
    let mut lines = vec![text(placed.heading, &heading, style::heading(placed.kind))];
    lines.extend(
        placed
            .cards
            .iter()
            .map(|(each, spot)| card(kind, each, *spot)),
    );
    if let Some((_, last)) = placed.cards.last().filter(|_| placed.more > 0) {
        let below = (last.x + 4.0, last.y + CARD_HEIGHT / 2.0 + 20.0);
        lines.push(text(below, "caption", &format!("and {} more", placed.more)));
    }
    lines
}

fn card(kind: &str, card: &Card, spot: Spot) -> String {
    let top = spot.y - CARD_HEIGHT / 2.0;
    let (bar, left) = match spot.side {
        Side::Left => (spot.x + CARD_WIDTH - 5.0, spot.x + 15.0),
        Side::Right => (spot.x, spot.x + 19.0),
    };
    let room = CARD_WIDTH - 36.0;
    let gone = if card.gone { " class=\"gone\"" } else { "" };
    let ended = if card.hold == Hold::Ended {
        " ended"
    } else {
        ""
    };
    let (name, note) = (
        cut(&card.name, NAME_SIZE, room),
        cut(&card.note, NOTE_SIZE, room),
    );
    [
        format!(
            "<g{gone}><title>{}: {}</title>",
            escape(&card.name),
            escape(&card.note)
        ),
        format!(
            "<rect class=\"card{ended}\" x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" rx=\"9\"/>",
            short(spot.x),
            short(top),
            short(CARD_WIDTH),
            short(CARD_HEIGHT)
        ),
        format!(
            "<rect class=\"f-{kind}\" x=\"{}\" y=\"{}\" width=\"5\" height=\"{}\" rx=\"2.5\"/>",
            short(bar),
            short(top + 9.0),
            short(CARD_HEIGHT - 18.0)
        ),
        text((left, spot.y - 4.0), "name", &name),
        text((left, spot.y + 14.5), "note", &note),
        "</g>".to_owned(),
    ]
    .concat()
}

/// Samples of lines with what they mean, and their height.
fn legend(drawing: &Drawing<'_>, layout: &Layout, links: &[Drawn<'_>]) -> (Vec<String>, f64) {
    let mut items = vec![
        ("fan plain", "holds"),
        ("fan plain ended", "held once"),
        ("fan plain spoken", "only spoken of"),
    ];
    let kinds: BTreeSet<&str> = links
        .iter()
        .map(|drawn| style::of_edge(drawn.link.kind))
        .collect();
    let kinds: Vec<(String, &str)> = kinds
        .into_iter()
        .map(|kind| (format!("link s-{kind}"), style::legend(kind)))
        .collect();
    items.extend(kinds.iter().map(|(class, says)| (class.as_str(), *says)));
    if !drawing.gone.is_empty() {
        items.push(("link plain gone", "faded: is forgotten"));
    }
    let (mut x, mut y) = (INSET, layout.bottom + 40.0);
    let mut lines = Vec::new();
    for (class, says) in items {
        let wide = SAMPLE + 8.0 + of(says, LEGEND_SIZE) + 22.0;
        if x + wide > layout.width - INSET + 22.0 {
            x = INSET;
            y += LEGEND_ROW;
        }
        lines.push(format!(
            "<path class=\"{class}\" d=\"M{} {}h{SAMPLE}\"/>",
            short(x),
            short(y - 4.0)
        ));
        lines.push(text((x + SAMPLE + 8.0, y), "legend", says));
        x += wide;
    }
    (lines, y - layout.bottom - 8.0)
}

/// The picture in words, for who does not see it.
fn description(drawing: &Drawing<'_>, layout: &Layout, links: &[Drawn<'_>]) -> String {
    let groups = layout.groups.iter().map(|group| {
        let names = group.cards.iter();
        let names: Vec<String> = names
            .map(|(card, _)| format!("{} ({})", card.name, card.note))
            .collect();
        let heading = style::heading(group.kind).to_lowercase();
        format!("{heading}: {}", names.join(", "))
    });
    let groups: Vec<String> = groups.collect();
    let says: Vec<&str> = links.iter().map(|drawn| drawn.link.says.as_str()).collect();
    let between = if says.is_empty() {
        String::new()
    } else {
        format!(" Between them: {}.", says.join("; "))
    };
    format!(
        "{} in the middle. Around: {}.{between}",
        drawing.teen_name,
        groups.join("; ")
    )
}
