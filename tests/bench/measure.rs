//! How a row is measured: rounds of the row and of its baseline alternate, since a
//! machine's speed drifts, and the medians are compared.

use futures::future::LocalBoxFuture;
use serde::Serialize;
use std::path::Path;
use std::time::Instant;

/// Where the guests of the rows are, below `target`: `just bench` builds them as those that are built to stay.
pub const GUESTS: &str = "wasm32-wasip2/guest-dist";

/// Rounds of each row; the median is taken. Odd, so that there is one.
const ROUNDS: usize = 9;

/// One round: how much one unit of the work took.
pub type Round = Box<dyn Fn() -> LocalBoxFuture<'static, f64>>;

/// Makes a round of an async function.
pub fn round<F>(work: impl Fn() -> F + 'static) -> Round
where
    F: Future<Output = f64> + 'static,
{
    Box::new(move || Box::pin(work()))
}

/// Nanoseconds for each of `count` things that a future does.
pub async fn nanoseconds_each(count: u64, work: impl Future<Output = ()>) -> f64 {
    let since = Instant::now();
    work.await;
    since.elapsed().as_nanos() as f64 / count as f64
}

/// What makes a round ready when it is wanted, or says why this machine cannot.
pub type Setup = Box<dyn Fn() -> Result<Round, String>>;

/// A baseline that every machine can do.
pub fn always<F>(work: impl Fn() -> F + Clone + 'static) -> Setup
where
    F: Future<Output = f64> + 'static,
{
    Box::new(move || Ok(round(work.clone())))
}

/// What a row should reach.
#[derive(Clone, Copy)]
pub enum Target {
    /// At most this many times the baseline's time; the ratio is one of times.
    Time(f64),
    /// At least this many times the baseline's rate; the ratio is one of rates.
    Rate(f64),
    /// A value below this; the ratio is one of values.
    Below(f64),
}

impl Target {
    fn text(self) -> String {
        match self {
            Target::Time(most) => format!("<= {most} x time"),
            Target::Rate(least) => format!(">= {least} x rate"),
            Target::Below(most) => format!("value < {most}"),
        }
    }

    fn ratio(self, value: f64, baseline: f64) -> f64 {
        match self {
            Target::Rate(_) => baseline / value,
            Target::Time(_) | Target::Below(_) => value / baseline,
        }
    }

    fn met(self, value: f64, baseline: f64) -> bool {
        let ratio = self.ratio(value, baseline);
        match self {
            Target::Time(most) => ratio <= most,
            Target::Rate(least) => ratio >= least,
            Target::Below(most) => value < most,
        }
    }
}

/// A row to be measured.
pub struct Case {
    /// Its name, without spaces: what `just bench` filters by and `just profile` takes.
    pub name: String,
    /// What the value counts, such as `ns/frame`.
    pub unit: &'static str,
    /// What the row is measured.
    pub row: Round,
    /// What the baseline is.
    pub baseline: &'static str,
    /// The baseline measured.
    pub baseline_row: Setup,
    /// What the ratio should be.
    pub target: Target,
}

/// A row as it was measured: an element of `target/bench.json`.
#[derive(Serialize)]
struct Row {
    name: String,
    value: Option<f64>,
    unit: &'static str,
    baseline: &'static str,
    baseline_value: Option<f64>,
    ratio: Option<f64>,
    target: String,
    met: Option<bool>,
}

impl Case {
    /// Measures it. Without a baseline it is skipped: a value alone says little.
    async fn measure(&self) -> Row {
        let (mut value, mut baseline_value, mut target) = (None, None, self.target.text());
        match (self.baseline_row)() {
            Ok(baseline_row) => {
                let (mut values, mut baselines) = (Vec::new(), Vec::new());
                for warm in [false].into_iter().chain([true; ROUNDS]) {
                    let (baseline, value) = (baseline_row().await, (self.row)().await);
                    if warm {
                        baselines.push(baseline);
                        values.push(value);
                    }
                }
                value = Some(median(values));
                baseline_value = Some(median(baselines));
            }
            Err(reason) => target = format!("skipped: {reason}"),
        }
        let both = value.zip(baseline_value);
        Row {
            name: self.name.clone(),
            value,
            unit: self.unit,
            baseline: self.baseline,
            baseline_value,
            ratio: both.map(|(value, baseline)| self.target.ratio(value, baseline)),
            target,
            met: both.map(|(value, baseline)| self.target.met(value, baseline)),
        }
    }
}

/// The one in the middle.
pub fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or_default()
}

/// Measures the rows whose names contain the filter, prints a table of them and writes them to a file.
pub async fn bench(cases: impl IntoIterator<Item = Case>, filter: &str, json: &Path) {
    let mut rows = Vec::new();
    print_head();
    for case in cases {
        if case.name.contains(filter) {
            let row = case.measure().await;
            row.print();
            rows.push(row);
        }
    }
    std::fs::write(json, serde_json::to_string_pretty(&rows).unwrap()).unwrap();
}

/// The head of the table.
fn print_head() {
    println!(
        "{:26} {:>10} {:16} {:>10} {:37} {:>7}  target",
        "row", "value", "unit", "baseline", "", "ratio"
    );
}

impl Row {
    /// Prints the row of the table.
    fn print(&self) {
        let number = |value: Option<f64>, digits: usize| {
            value.map_or_else(|| "-".into(), |value| format!("{value:.digits$}"))
        };
        let met = match self.met {
            Some(true) => ", met",
            Some(false) => ", NOT met",
            None => "",
        };
        println!(
            "{:26} {:>10} {:16} {:>10} {:37} {:>7}  {}{met}",
            self.name,
            number(self.value, 0),
            self.unit,
            number(self.baseline_value, 0),
            self.baseline,
            number(self.ratio, 2),
            self.target,
        );
    }
}
