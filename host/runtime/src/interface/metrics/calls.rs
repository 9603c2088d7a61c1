//! The functions of `metrics`, each with the capability that it needs. `hostcalls` makes its list of such rows.

/// Puts the rows of this folder behind those given, and goes on with the next folder.
macro_rules! metrics_calls {
    ($then:ident [$($rest:ident)*] $($rows:tt)*) => {
        $then! { [$($rest)*] $($rows)*
            MetricsCounterOpen = "metrics" "counter.open" FREE,
            MetricsCounterAdd = "metrics" "counter.add" FREE,
            MetricsGaugeOpen = "metrics" "gauge.open" FREE,
            MetricsGaugeSet = "metrics" "gauge.set" FREE,
            MetricsGaugeAdd = "metrics" "gauge.add" FREE,
            MetricsHistogramOpen = "metrics" "histogram.open" FREE,
            MetricsHistogramObserve = "metrics" "histogram.observe" FREE,
        }
    };
}

pub(crate) use metrics_calls;
