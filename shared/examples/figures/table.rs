//! One line of the figures, and the table of them.

use std::io::{self, Write};

/// One measured figure beside what it is compared with.
pub(crate) struct Figure {
    pub(crate) kind: &'static str,
    pub(crate) set: &'static str,
    pub(crate) metric: String,
    /// With the default method, unless `metric` names another one.
    pub(crate) ours: f64,
    /// The simplest of our own methods.
    pub(crate) simplest: Option<f64>,
    /// The best other library, or prototype where there is no library.
    pub(crate) peer: Option<(&'static str, f64)>,
    pub(crate) aim: Aim,
}

/// What a figure is to reach.
#[derive(Clone, Copy)]
pub(crate) enum Aim {
    AtLeast(f64),
    AtMost(f64),
    /// Shown for completeness.
    None,
}

impl Aim {
    fn verdict(self, ours: f64) -> &'static str {
        // To four digits, as the figures of others are known.
        let rounded = |figure: f64| (figure * 1e4).round();
        match self {
            Self::AtLeast(least) if rounded(ours) >= rounded(least) => "met",
            Self::AtMost(most) if rounded(ours) <= rounded(most) => "met",
            Self::None => "",
            _ => "NOT MET",
        }
    }
}

/// Writes the figures as a Markdown table.
pub(crate) fn write(out: &mut dyn Write, figures: &[Figure]) -> io::Result<()> {
    writeln!(out, "| kind | set | metric | ours | simplest | best peer | aim | |")?;
    writeln!(out, "|---|---|---|---|---|---|---|---|")?;
    for Figure { kind, set, metric, ours, simplest, peer, aim } in figures {
        let simplest = simplest.map_or_else(String::new, |simplest| format!("{simplest:.4}"));
        let peer = peer.map_or_else(String::new, |(name, value)| format!("{value:.4} {name}"));
        let shown = match aim {
            Aim::AtLeast(least) => format!("≥ {least:.4}"),
            Aim::AtMost(most) => format!("≤ {most:.4}"),
            Aim::None => String::new(),
        };
        let verdict = aim.verdict(*ours);
        writeln!(out, "| {kind} | {set} | {metric} | {ours:.4} | {simplest} | {peer} | {shown} | {verdict} |")?;
    }
    Ok(())
}
