//! A strict reader of Prometheus text, version 0.0.4: it takes what the format's description says and nothing else.

use std::collections::{BTreeMap, BTreeSet};

/// The samples of one metric.
#[derive(Debug, Default)]
pub struct Family {
    pub kind: String,
    pub help: String,
    pub samples: Vec<Sample>,
}

/// A line with a value.
#[derive(Debug)]
pub struct Sample {
    pub name: String,
    pub labels: BTreeMap<String, String>,
    pub value: f64,
}

impl Family {
    /// The value with these labels, if there is one.
    pub fn value(&self, labels: &[(&str, &str)]) -> Option<f64> {
        let has = |sample: &&Sample| {
            let mut labels = labels.iter();
            labels.all(|(key, value)| sample.labels.get(*key).is_some_and(|it| it == value))
        };
        self.samples.iter().find(has).map(|sample| sample.value)
    }
}

/// Reads all of it, by name.
pub fn read(text: &str) -> BTreeMap<String, Family> {
    assert!(text.ends_with('\n'), "the last line has no end");
    let mut families = BTreeMap::<String, Family>::new();
    let (mut current, mut seen) = (String::new(), BTreeSet::new());
    for line in text.lines() {
        if let Some(rest) = line.strip_prefix("# HELP ") {
            let (name, help) = rest.split_once(' ').expect(line);
            assert!(is_name(name) && !help.is_empty(), "{line}");
            let family = Family {
                help: help.to_owned(),
                ..Family::default()
            };
            let before = families.insert(name.to_owned(), family);
            assert!(before.is_none(), "twice: {line}");
            current = name.to_owned();
        } else if let Some(rest) = line.strip_prefix("# TYPE ") {
            let (name, kind) = rest.split_once(' ').expect(line);
            assert_eq!(name, current, "{line}");
            assert!(["counter", "gauge", "histogram"].contains(&kind), "{line}");
            let family = families.get_mut(name).unwrap();
            assert!(
                family.kind.is_empty() && family.samples.is_empty(),
                "{line}"
            );
            family.kind = kind.to_owned();
        } else {
            let sample = sample(line);
            let family = families.get_mut(&current).expect(line);
            let suffixes: &[&str] = match &*family.kind {
                "histogram" => &["_bucket", "_sum", "_count"],
                "" => panic!("no type: {line}"),
                _ => &[""],
            };
            let suffix = sample.name.strip_prefix(&current).expect(line);
            assert!(suffixes.contains(&suffix), "{line}");
            let (series, _) = line.rsplit_once(' ').expect(line);
            assert!(seen.insert(series.to_owned()), "twice: {line}");
            family.samples.push(sample);
        }
    }
    families
        .iter()
        .for_each(|(name, family)| check(name, family));
    families
}

/// What holds of a family as a whole.
fn check(name: &str, family: &Family) {
    let is_counter = family.kind == "counter";
    assert_eq!(is_counter, name.ends_with("_total"), "{name}");
    if family.kind != "gauge" {
        let mut samples = family.samples.iter();
        assert!(samples.all(|sample| sample.value >= 0.0), "{family:?}");
    }
    if family.kind != "histogram" {
        return;
    }
    let mut series = BTreeMap::<_, Vec<&Sample>>::new();
    for sample in &family.samples {
        let mut labels = sample.labels.clone();
        labels.remove("le");
        series.entry(labels).or_default().push(sample);
    }
    for samples in series.values() {
        let of = |suffix: &str| {
            let wanted = format!("{name}{suffix}");
            samples.iter().filter(move |it| it.name == wanted)
        };
        let buckets: Vec<_> = of("_bucket")
            .map(|it| (number(&it.labels["le"]), it.value))
            .collect();
        let grows = |two: &[(f64, f64)]| two[0].0 < two[1].0 && two[0].1 <= two[1].1;
        assert!(buckets.windows(2).all(grows), "{name}: {buckets:?}");
        let last = buckets.last().expect(name);
        let count = of("_count").map(|it| it.value).collect::<Vec<_>>();
        assert_eq!(
            (last.0, &count[..]),
            (f64::INFINITY, &[last.1][..]),
            "{name}"
        );
        assert_eq!(of("_sum").count(), 1, "{name}");
    }
}

fn is_name(name: &str) -> bool {
    let mut letters = name.chars();
    letters
        .next()
        .is_some_and(|it| it.is_ascii_alphabetic() || it == '_')
        && letters.all(|it| it.is_ascii_alphanumeric() || it == '_')
}

fn number(text: &str) -> f64 {
    match text {
        "+Inf" => f64::INFINITY,
        text => text.parse().expect(text),
    }
}

/// `name{key="value",…} number`, with no time.
fn sample(line: &str) -> Sample {
    let (series, value) = line.rsplit_once(' ').expect(line);
    let (name, mut rest) = match series.split_once('{') {
        Some((name, labels)) => (name, labels.strip_suffix('}').expect(line)),
        None => (series, ""),
    };
    assert!(is_name(name), "{line}");
    let mut labels = BTreeMap::new();
    while !rest.is_empty() {
        let (key, quoted) = rest.split_once("=\"").expect(line);
        assert!(is_name(key), "{line}");
        let (value, after) = quoted_value(quoted, line);
        assert!(labels.insert(key.to_owned(), value).is_none(), "{line}");
        rest = match after.strip_prefix(',') {
            Some(more) => more,
            None if after.is_empty() => after,
            None => panic!("{line}"),
        };
    }
    Sample {
        name: name.to_owned(),
        labels,
        value: number(value),
    }
}

/// A label's value up to its closing quote, and what is behind that.
fn quoted_value<'a>(quoted: &'a str, line: &str) -> (String, &'a str) {
    let (mut value, mut letters) = (String::new(), quoted.chars());
    loop {
        value.push(match letters.next().expect(line) {
            '"' => return (value, letters.as_str()),
            '\\' => match letters.next() {
                Some('n') => '\n',
                Some(it @ ('\\' | '"')) => it,
                _ => panic!("no such escape: {line}"),
            },
            letter => letter,
        });
    }
}
