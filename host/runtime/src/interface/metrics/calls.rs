//! The functions of `metrics`, each with the right that it needs. `hostcalls` makes its list of such rows, and the imports of the folder are
//! made from them.

/// Puts the rows of this folder behind those given, and goes on with the next folder.
macro_rules! metrics_calls {
    ($then:ident [$($rest:ident)*] $($rows:tt)*) => {
        $then! { [$($rest)*] $($rows)*
            "metrics" {
                MetricsCounterOpen = "counter.open" FREE,
                MetricsCounterAdd = "counter.add" FREE,
                MetricsGaugeOpen = "gauge.open" FREE,
                MetricsGaugeSet = "gauge.set" FREE,
                MetricsGaugeAdd = "gauge.add" FREE,
                MetricsHistogramOpen = "histogram.open" FREE,
                MetricsHistogramObserve = "histogram.observe" FREE,
            }
        }
    };
}

pub(crate) use metrics_calls;
