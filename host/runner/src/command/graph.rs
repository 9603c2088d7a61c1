//! `weft graph`: the processes, sources, sinks and channels of a manifest, as a drawing.
//!
//! All of them are nodes; the ends that processes are given are edges, in the direction in which frames go, and so are the routes by which
//! a listener hands requests to a process.

mod svg;

use super::up::ready;
use crate::cli::{GraphArgs, GraphFormat};
use crate::manifest::{End, EndKind};
use crate::screen::plain;
use anyhow::Result;
use serde::Serialize;
use std::fmt::Write;

/// What is drawn.
#[derive(Serialize)]
struct Graph {
    processes: Vec<Node>,
    channels: Vec<String>,
    edges: Vec<Edge>,
    routes: Vec<RouteTo>,
}

/// A route of a listener to a process.
#[derive(Serialize)]
struct RouteTo {
    listener: String,
    route: String,
    process: String,
    /// The positions of the listener and of the process.
    #[serde(skip)]
    places: (usize, usize),
}

/// A process, a source or a sink.
#[derive(Serialize)]
struct Node {
    name: String,
    component: String,
}

/// An end of a channel that a process is given.
#[derive(Serialize)]
struct Edge {
    process: String,
    argument: String,
    channel: String,
    end: &'static str,
    weak: bool,
    /// The positions of the process and of the channel.
    #[serde(skip)]
    places: (usize, usize),
    #[serde(skip)]
    kind: EndKind,
}

/// Prints the drawing.
pub(super) fn graph(args: &GraphArgs) -> Result<u8> {
    let graph = Graph::of(&ready::read(&args.which)?);
    match args.format {
        GraphFormat::Mermaid => Ok(super::print(&graph.mermaid()?)),
        GraphFormat::Dot => Ok(super::print(&graph.dot()?)),
        GraphFormat::Svg => Ok(super::print(&graph.svg()?)),
        GraphFormat::Json => super::print_json(&graph),
    }
}

impl Graph {
    fn of(read: &ready::Read) -> Self {
        let manifest = &read.manifest;
        let parts = read.checked.parts(manifest);
        let ends = parts.iter().enumerate();
        let ends = ends.flat_map(|(at, part)| part.ends.iter().map(move |end| (at, part, end)));
        let edges = ends.filter_map(|(at, part, (argument, end))| {
            let channel = manifest.channels.get_index_of(&end.channel)?;
            Some(Edge::new((at, channel), part.name, argument, end))
        });
        let place = |name: &str| parts.iter().position(|part| part.name == name);
        let listeners = manifest.http.iter();
        let routes = listeners.flat_map(|(name, entry)| {
            let routes = entry.to_processes();
            routes.map(move |(route, process)| (name.as_str(), route, process))
        });
        let routes = routes.filter_map(|(listener, route, process)| {
            Some(RouteTo {
                listener: listener.to_owned(),
                route: route.to_owned(),
                process: process.to_owned(),
                places: (place(listener)?, place(process)?),
            })
        });
        Self {
            edges: edges.collect(),
            routes: routes.collect(),
            processes: parts
                .iter()
                .map(|part| Node {
                    name: part.name.to_owned(),
                    component: part.component.to_owned(),
                })
                .collect(),
            channels: manifest.channels.keys().cloned().collect(),
        }
    }

    /// As Mermaid draws it, in Markdown too.
    fn mermaid(&self) -> Result<String, std::fmt::Error> {
        let label = |name: &str| plain(name).replace('"', "#quot;");
        let mut text = String::from("flowchart LR\n");
        for (at, process) in self.processes.iter().enumerate() {
            writeln!(text, "  p{at}[\"{}\"]", label(&process.name))?;
        }
        for (at, channel) in self.channels.iter().enumerate() {
            writeln!(text, "  c{at}([\"{}\"])", label(channel))?;
        }
        for edge in &self.edges {
            let (process, channel) = edge.places;
            let arrow = if edge.weak { "-.->" } else { "-->" };
            match edge.kind {
                EndKind::Reader => writeln!(text, "  c{channel} {arrow} p{process}")?,
                EndKind::Writer => writeln!(text, "  p{process} {arrow} c{channel}")?,
                EndKind::Channel => writeln!(text, "  p{process} <--> c{channel}")?,
            }
        }
        for route in &self.routes {
            let (listener, process) = route.places;
            let route = label(&route.route);
            writeln!(text, "  p{listener} -->|\"{route}\"| p{process}")?;
        }
        Ok(text)
    }

    /// As Graphviz draws it.
    fn dot(&self) -> Result<String, std::fmt::Error> {
        let label = |name: &str| plain(name).replace('\\', "\\\\").replace('"', "\\\"");
        let mut text = String::from("digraph weft {\n  rankdir=LR;\n");
        for (at, process) in self.processes.iter().enumerate() {
            writeln!(
                text,
                "  p{at} [shape=box, label=\"{}\"];",
                label(&process.name)
            )?;
        }
        for (at, channel) in self.channels.iter().enumerate() {
            writeln!(text, "  c{at} [shape=oval, label=\"{}\"];", label(channel))?;
        }
        for edge in &self.edges {
            let (process, channel) = edge.places;
            let style = if edge.weak { " [style=dashed]" } else { "" };
            match edge.kind {
                EndKind::Reader => writeln!(text, "  c{channel} -> p{process}{style};")?,
                EndKind::Writer => writeln!(text, "  p{process} -> c{channel}{style};")?,
                EndKind::Channel => writeln!(text, "  p{process} -> c{channel} [dir=both];")?,
            }
        }
        for route in &self.routes {
            let (listener, process) = route.places;
            let route = label(&route.route);
            writeln!(text, "  p{listener} -> p{process} [label=\"{route}\"];")?;
        }
        text.push_str("}\n");
        Ok(text)
    }

    /// As a picture.
    fn svg(&self) -> Result<String, std::fmt::Error> {
        let shape = |name: &str, round| svg::Shape {
            text: plain(name).into_owned(),
            round,
        };
        let processes = self.processes.iter().map(|it| shape(&it.name, false));
        let channels = self.channels.iter().map(|name| shape(name, true));
        let shapes: Vec<_> = processes.chain(channels).collect();
        let arrow = |edge: &Edge| {
            let (process, channel) = (edge.places.0, self.processes.len() + edge.places.1);
            let (from, to) = match edge.kind {
                EndKind::Reader => (channel, process),
                EndKind::Writer | EndKind::Channel => (process, channel),
            };
            svg::Arrow {
                from,
                to,
                dashed: edge.weak,
                both: matches!(edge.kind, EndKind::Channel),
                text: String::new(),
            }
        };
        let routes = self.routes.iter().map(|route| svg::Arrow {
            from: route.places.0,
            to: route.places.1,
            dashed: false,
            both: false,
            text: plain(&route.route).into_owned(),
        });
        let arrows: Vec<_> = self.edges.iter().map(arrow).chain(routes).collect();
        svg::draw(&shapes, &arrows)
    }
}

impl Edge {
    fn new(places: (usize, usize), process: &str, argument: &str, end: &End) -> Self {
        Self {
            process: process.to_owned(),
            argument: argument.to_owned(),
            channel: end.channel.clone(),
            end: match end.kind {
                EndKind::Reader => "reader",
                EndKind::Writer => "writer",
                EndKind::Channel => "channel",
            },
            weak: end.weak,
            places,
            kind: end.kind,
        }
    }
}
