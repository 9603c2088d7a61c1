//! The drawing as a picture, without another program.
//!
//! Nodes stand in columns: each right of those whose frames it gets, as far as there are no rings. An arrow that closes a ring goes back to
//! the left. Nodes of a column stand in the order of the manifest.

use std::collections::BTreeMap;
use std::fmt::Write;

/// A node: its text, and whether its corners are round, as those of channels are.
pub(super) struct Shape {
    pub(super) text: String,
    pub(super) round: bool,
}

/// An arrow between two nodes, by their positions.
pub(super) struct Arrow {
    pub(super) from: usize,
    pub(super) to: usize,
    pub(super) dashed: bool,
    /// Whether it has a head at both ends.
    pub(super) both: bool,
    pub(super) text: String,
}

/// Pixels of a character, a little more than its font needs.
const CHARACTER: usize = 9;
/// Pixels around the text of a node, on the left and right together.
const PADDING: usize = 24;
const HEIGHT: usize = 36;
/// Pixels between two nodes of a column.
const BELOW: usize = 28;
/// Pixels between two columns, with room for arrows.
const BESIDE: usize = 72;
/// Pixels around the whole.
const MARGIN: usize = 16;

/// What all pictures begin with, behind their size: heads of arrows, and colours that are readable on light and on dark.
const STYLE: &str = r#"  <defs><marker id="head" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="8" markerHeight="8" orient="auto-start-reverse"><path d="M0 0L8 4L0 8z" fill="gray"/></marker></defs>
  <style>text { font: 14px monospace; text-anchor: middle; dominant-baseline: central } rect { fill: white; stroke: gray } path.arrow { fill: none; stroke: gray }</style>
"#;

/// Where a node is.
#[derive(Clone, Copy, Default)]
struct Place {
    left: usize,
    top: usize,
    width: usize,
}

impl Place {
    fn middle(self) -> usize {
        self.top + HEIGHT / 2
    }
}

/// Draws the nodes and the arrows between them.
pub(super) fn draw(shapes: &[Shape], arrows: &[Arrow]) -> Result<String, std::fmt::Error> {
    let (places, width, height) = places(shapes, &columns(shapes.len(), arrows));
    let mut text = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\">\n{STYLE}"
    );
    for arrow in arrows {
        if let (Some(from), Some(to)) = (places.get(arrow.from), places.get(arrow.to)) {
            draw_arrow(&mut text, arrow, *from, *to)?;
        }
    }
    for (shape, place) in shapes.iter().zip(&places) {
        let Place { left, top, width } = *place;
        let round = if shape.round { HEIGHT / 2 } else { 3 };
        writeln!(
            text,
            "  <rect x=\"{left}\" y=\"{top}\" width=\"{width}\" height=\"{HEIGHT}\" rx=\"{round}\"/>"
        )?;
        let (x, y) = (left + width / 2, place.middle());
        let name = escaped(&shape.text);
        writeln!(text, "  <text x=\"{x}\" y=\"{y}\">{name}</text>")?;
    }
    text.push_str("</svg>\n");
    Ok(text)
}

fn draw_arrow(text: &mut String, arrow: &Arrow, from: Place, to: Place) -> std::fmt::Result {
    let dashed = match arrow.dashed {
        true => " stroke-dasharray=\"5 4\"",
        false => "",
    };
    let both = match arrow.both {
        true => " marker-start=\"url(#head)\"",
        false => "",
    };
    // It leaves on the right and arrives on the left; one that goes back does so the other way round.
    let (start, end) = match from.left < to.left {
        true => (from.left + from.width, to.left),
        false => (from.left, to.left + to.width),
    };
    let (y, z, bend) = (from.middle(), to.middle(), start.midpoint(end));
    writeln!(
        text,
        "  <path class=\"arrow\" d=\"M{start} {y}C{bend} {y} {bend} {z} {end} {z}\" marker-end=\"url(#head)\"{both}{dashed}/>"
    )?;
    if !arrow.text.is_empty() {
        let (x, y) = (bend, y.midpoint(z).saturating_sub(HEIGHT / 4));
        writeln!(
            text,
            "  <text x=\"{x}\" y=\"{y}\" fill=\"gray\">{}</text>",
            escaped(&arrow.text)
        )?;
    }
    Ok(())
}

/// The column of each node.
fn columns(nodes: usize, arrows: &[Arrow]) -> Vec<usize> {
    let mut next: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for arrow in arrows {
        next.entry(arrow.from).or_default().push(arrow.to);
    }
    let order = order(nodes, &next);
    let mut rank = vec![0; nodes];
    for (at, node) in order.iter().enumerate() {
        if let Some(rank) = rank.get_mut(*node) {
            *rank = at;
        }
    }
    let rank = |node: usize| rank.get(node).copied().unwrap_or_default();
    let mut columns = vec![0; nodes];
    for node in order {
        let column = columns.get(node).copied().unwrap_or_default() + 1;
        let after = next.get(&node).into_iter().flatten();
        // What closes a ring leads to a node that is earlier in the order.
        for other in after.filter(|other| rank(**other) > rank(node)) {
            if let Some(of_other) = columns.get_mut(*other) {
                *of_other = column.max(*of_other);
            }
        }
    }
    columns
}

/// The nodes, each before those that it leads to, except where that closes a ring.
fn order(nodes: usize, next: &BTreeMap<usize, Vec<usize>>) -> Vec<usize> {
    let mut seen = vec![false; nodes];
    let mut done = Vec::with_capacity(nodes);
    // Not by recursion: a manifest may have a chain of thousands.
    let mut path: Vec<(usize, std::slice::Iter<'_, usize>)> = Vec::new();
    let mut enter = |node: usize| {
        seen.get_mut(node)
            .is_some_and(|it| !std::mem::replace(it, true))
    };
    let after = |node: usize| {
        next.get(&node)
            .map(Vec::as_slice)
            .unwrap_or_default()
            .iter()
    };
    for first in 0..nodes {
        if enter(first) {
            path.push((first, after(first)));
        }
        while let Some((node, others)) = path.last_mut() {
            match others.next() {
                Some(other) if enter(*other) => path.push((*other, after(*other))),
                Some(_) => {}
                None => {
                    done.push(*node);
                    path.pop();
                }
            }
        }
    }
    done.reverse();
    done
}

/// Where the nodes are, and how wide and high the picture is.
fn places(shapes: &[Shape], columns: &[usize]) -> (Vec<Place>, usize, usize) {
    let width = |shape: &Shape| shape.text.chars().count() * CHARACTER + PADDING;
    let mut widest: BTreeMap<usize, usize> = BTreeMap::new();
    for (shape, column) in shapes.iter().zip(columns) {
        let widest = widest.entry(*column).or_default();
        *widest = width(shape).max(*widest);
    }
    let mut left = MARGIN;
    let mut lefts = BTreeMap::new();
    for (column, width) in &widest {
        lefts.insert(*column, left);
        left += width + BESIDE;
    }
    let mut tops: BTreeMap<usize, usize> = BTreeMap::new();
    let places = shapes.iter().zip(columns).map(|(shape, column)| {
        let top = tops.entry(*column).or_insert(MARGIN);
        let place = Place {
            left: lefts.get(column).copied().unwrap_or(MARGIN),
            top: *top,
            width: width(shape),
        };
        *top += HEIGHT + BELOW;
        place
    });
    let places: Vec<Place> = places.collect();
    let bottom = tops.values().copied().max().unwrap_or(MARGIN + BELOW);
    let right = left.saturating_sub(BESIDE).max(MARGIN);
    (places, right + MARGIN, bottom - BELOW + MARGIN)
}

/// A text as it stands in XML.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}
