//! Boxes and arrows as SVG, on paper of their own, so that they are read on a light and on a dark page.

use std::fmt::Write as _;

const WIDTH: i32 = 1188;
const HEIGHT: i32 = 830;

/// From one line of a box to the next.
const LINE: i32 = 22;

/// Colours, by the reader's wish; the paper goes with them.
const STYLE: &str = "text{font-family:ui-sans-serif,system-ui,-apple-system,'Segoe UI',Roboto,\
'Helvetica Neue',Arial,sans-serif;font-size:13px;fill:#2b2b2b}\
.paper{fill:#fbfaf8;stroke:#e6e2da}.module{fill:#ffffff;stroke:#5b7a9d}.plain{fill:#f1eee8;stroke:#8a8376}\
.frame{fill:none;stroke:#7d9a6d;stroke-dasharray:6 4}.head{font-weight:600}.title{font-size:19px;font-weight:600}\
.name{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;font-size:12px}\
.note{font-size:12px;fill:#5a564e}.arrow{fill:none;stroke:#6a665e;stroke-width:1.4}.tip{fill:#6a665e}\
.halo{stroke:#fbfaf8;stroke-width:5px;paint-order:stroke;stroke-linejoin:round}\
@media (prefers-color-scheme:dark){text{fill:#e8e6e1}.paper{fill:#1d1f21;stroke:#3a3d40}\
.module{fill:#26292c;stroke:#7fa3cb}.plain{fill:#303336;stroke:#98928a}.frame{stroke:#93b582}\
.note{fill:#b5b1a8}.arrow{stroke:#a9a59c}.tip{fill:#a9a59c}.halo{stroke:#1d1f21}}";

/// A place or a size: across, down.
type Pair = (i32, i32);

/// A picture.
pub(super) struct Picture {
    title: &'static str,
    description: &'static str,
    pub(super) frames: Vec<(Pair, Pair, &'static str)>,
    pub(super) boxes: Vec<Card>,
    pub(super) arrows: Vec<Arrow>,
}

/// A box with a heading and lines.
pub(super) struct Card {
    at: Pair,
    width: i32,
    class: &'static str,
    head: String,
    lines: Vec<String>,
}

/// An arrow along points, with a word at a place.
pub(super) struct Arrow {
    points: Vec<Pair>,
    text: String,
    at: Pair,
}

impl Card {
    /// Something that is not ours.
    pub(super) fn plain(at: Pair, width: i32, head: &str, lines: &[&str]) -> Self {
        let lines: Vec<_> = lines.iter().map(|line| (*line).to_owned()).collect();
        Self {
            class: "plain",
            ..Self::module(at, width, head, &lines)
        }
    }

    /// A module, or a part of one.
    pub(super) fn module(at: Pair, width: i32, head: &str, lines: &[String]) -> Self {
        Self {
            at,
            width,
            class: "module",
            head: head.to_owned(),
            lines: lines.to_vec(),
        }
    }
}

impl Arrow {
    pub(super) fn new(points: &[Pair], text: &str, at: Pair) -> Self {
        Self {
            points: points.to_vec(),
            text: text.to_owned(),
            at,
        }
    }
}

impl Picture {
    pub(super) fn new(title: &'static str, description: &'static str) -> Self {
        Self {
            title,
            description,
            frames: Vec::new(),
            boxes: Vec::new(),
            arrows: Vec::new(),
        }
    }

    /// The file.
    pub(super) fn text(&self) -> String {
        let mut out = String::new();
        // Writing into a text cannot fail.
        self.write(&mut out).unwrap_or_default();
        out
    }

    fn write(&self, out: &mut String) -> std::fmt::Result {
        writeln!(
            out,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{WIDTH}\" height=\"{HEIGHT}\" \
             viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\" aria-labelledby=\"title desc\">\n\
             <title id=\"title\">{}</title>\n<desc id=\"desc\">{}</desc>\n<style>{STYLE}</style>\n\
             <defs><marker id=\"tip\" viewBox=\"0 0 8 8\" refX=\"7\" refY=\"4\" markerWidth=\"8\" \
             markerHeight=\"8\" orient=\"auto-start-reverse\"><path class=\"tip\" d=\"M0 0L8 4L0 8z\"/>\
             </marker></defs>\n<rect class=\"paper\" x=\"0.5\" y=\"0.5\" width=\"{}\" height=\"{}\" rx=\"10\"/>\n\
             <text class=\"title\" x=\"24\" y=\"44\">{}</text>\n\
             <text class=\"note\" x=\"24\" y=\"66\">Boxes are modules of infrastructure/, or parts of one; \
             names are those after the prefix.</text>",
            self.title,
            self.description,
            WIDTH - 1,
            HEIGHT - 1,
            self.title
        )?;
        for ((x, y), (width, height), text) in &self.frames {
            writeln!(
                out,
                "<rect class=\"frame\" x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" rx=\"8\"/>\n\
                 <text class=\"note halo\" x=\"{}\" y=\"{}\">{text}</text>",
                x + 16,
                y + 22
            )?;
        }
        for arrow in &self.arrows {
            let points: Vec<_> = arrow
                .points
                .iter()
                .map(|(x, y)| format!("{x} {y}"))
                .collect();
            writeln!(
                out,
                "<path class=\"arrow\" d=\"M{}\" marker-end=\"url(#tip)\"/>",
                points.join("L")
            )?;
        }
        for one in &self.boxes {
            one.write(out)?;
        }
        for arrow in self.arrows.iter().filter(|arrow| !arrow.text.is_empty()) {
            let (x, y) = arrow.at;
            writeln!(
                out,
                "<text class=\"note halo\" x=\"{x}\" y=\"{y}\" text-anchor=\"middle\">{}</text>",
                escaped(&arrow.text)
            )?;
        }
        writeln!(out, "</svg>")
    }
}

impl Card {
    fn write(&self, out: &mut String) -> std::fmt::Result {
        let ((x, y), width) = (self.at, self.width);
        let lines = i32::try_from(self.lines.len()).unwrap_or_default();
        let height = LINE * lines + 44;
        writeln!(
            out,
            "<rect class=\"{}\" x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" rx=\"6\"/>\n\
             <text class=\"head\" x=\"{}\" y=\"{}\">{}</text>",
            self.class,
            x + 12,
            y + 24,
            escaped(&self.head)
        )?;
        let class = if self.class == "plain" {
            "note"
        } else {
            "name"
        };
        let mut down = y + 48;
        for line in &self.lines {
            writeln!(
                out,
                "<text class=\"{class}\" x=\"{}\" y=\"{down}\">{}</text>",
                x + 12,
                escaped(line)
            )?;
            down += LINE;
        }
        Ok(())
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_boxes_give_the_same_bytes_and_marks_are_escaped() {
        let picture = || {
            let mut picture = Picture::new("T", "D");
            picture
                .boxes
                .push(Card::module((0, 0), 100, "a < b", &["$x & y".to_owned()]));
            picture
                .arrows
                .push(Arrow::new(&[(0, 0), (9, 9)], "to", (4, 4)));
            picture.text()
        };
        assert_eq!(picture(), picture());
        assert!(picture().contains("a &lt; b") && picture().contains("$x &amp; y"));
        assert!(picture().contains("M0 0L9 9"));
    }
}
