//! What a supervisor decides: pure, so that every policy is tested without a
//! host.
//!
//! Each restart has a number, its *round*. A child has the round of the restart that started it last. So late news is
//! recognised by its round: the end of an incarnation that was stopped for a sibling, or the timer of a restart that a
//! later one has replaced.

use super::policy::{Backoff, Restart, Strategy};
use std::time::Duration;

/// The children, and what of them counts for the next decision.
#[derive(Debug)]
pub(super) struct Plan {
    strategy: Strategy,
    backoff: Backoff,
    max_restarts: u32,
    /// Restarts that still count for the window, those to come included.
    recent: u32,
    /// The last restart; 0 before the first.
    round: u64,
    slots: Vec<Slot>,
}

#[derive(Debug)]
struct Slot {
    restart: Restart,
    state: State,
    /// Its own restarts in a row, for the back-off.
    in_a_row: u32,
}

/// With the round it was or is to be started in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Runs(u64),
    Waits(u64),
    Ended,
}

/// What is to be done.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Nothing: it is news of an incarnation that has been stopped.
    Stale,
    /// Nothing: the child has ended for good.
    Ended,
    /// Stop these, last first, and start the round's children `after` a while.
    Restart {
        stop: Vec<usize>,
        after: Duration,
        round: u64,
    },
    /// Stop all.
    GiveUp,
}

impl Plan {
    /// Children with these policies, all running in round 0.
    pub(super) fn new(
        strategy: Strategy,
        backoff: Backoff,
        max_restarts: u32,
        children: impl Iterator<Item = Restart>,
    ) -> Self {
        let slots = children.map(|restart| Slot {
            restart,
            state: State::Runs(0),
            in_a_row: 0,
        });
        Plan {
            strategy,
            backoff,
            max_restarts,
            recent: 0,
            round: 0,
            slots: slots.collect(),
        }
    }

    /// Whether all have ended for good.
    pub(super) fn is_over(&self) -> bool {
        self.slots.iter().all(|slot| slot.state == State::Ended)
    }

    /// A child that was started in this round has ended, or could not be started.
    pub(super) fn ended(&mut self, child: usize, round: u64, success: bool) -> Verdict {
        let children = self.slots.len();
        let Some(slot) = self.slots.get_mut(child) else {
            return Verdict::Stale;
        };
        if slot.state != State::Runs(round) {
            return Verdict::Stale;
        }
        slot.state = State::Ended;
        if !slot.restart.applies(success) {
            return Verdict::Ended;
        }
        if self.recent >= self.max_restarts {
            return Verdict::GiveUp;
        }
        self.recent += 1;
        self.round += 1;
        let round = self.round;
        let after = self.backoff.after(slot.in_a_row);
        slot.in_a_row = slot.in_a_row.saturating_add(1);
        slot.state = State::Waits(round);
        let mut stop = Vec::new();
        for index in self.strategy.group(child, children).rev() {
            let Some(slot) = self.slots.get_mut(index) else {
                continue;
            };
            match slot.state {
                State::Runs(_) => {
                    stop.push(index);
                    slot.state = match slot.restart {
                        Restart::Never => State::Ended,
                        Restart::OnFailure | Restart::Always => State::Waits(round),
                    };
                }
                State::Waits(_) => slot.state = State::Waits(round),
                State::Ended => {}
            }
        }
        Verdict::Restart { stop, after, round }
    }

    /// The back-off of a round is over: these are to be started, in this order.
    pub(super) fn due(&mut self, round: u64) -> Vec<usize> {
        let mut due = Vec::new();
        for (index, slot) in self.slots.iter_mut().enumerate() {
            if slot.state == State::Waits(round) {
                slot.state = State::Runs(round);
                due.push(index);
            }
        }
        due
    }

    /// The window has passed since a round, which this child's end caused.
    pub(super) fn aged(&mut self, child: usize, round: u64) {
        self.recent = self.recent.saturating_sub(1);
        if let Some(slot) = self.slots.get_mut(child)
            && slot.state == State::Runs(round)
        {
            slot.in_a_row = 0;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIRST: Duration = Duration::from_secs(1);

    fn plan(strategy: Strategy, max_restarts: u32, children: &[Restart]) -> Plan {
        let backoff = Backoff {
            first: FIRST,
            most: FIRST * 60,
        };
        Plan::new(strategy, backoff, max_restarts, children.iter().copied())
    }

    fn restart(stop: &[usize], after: u32, round: u64) -> Verdict {
        Verdict::Restart {
            stop: stop.to_vec(),
            after: FIRST * after,
            round,
        }
    }

    use Restart::{Always, Never, OnFailure};
    use Strategy::{OneForAll, OneForOne, RestForOne};

    #[test]
    fn it_is_over_when_all_have_ended_for_good() {
        let mut plan = plan(OneForOne, 5, &[Never, OnFailure]);
        assert_eq!(plan.ended(0, 0, false), Verdict::Ended);
        assert!(!plan.is_over());
        assert_eq!(plan.ended(1, 0, true), Verdict::Ended);
        assert!(plan.is_over());
    }

    #[test]
    fn the_back_off_of_a_child_doubles_and_begins_anew_after_a_window() {
        let mut plan = plan(OneForOne, 9, &[Always, Always]);
        assert_eq!(plan.ended(0, 0, true), restart(&[], 1, 1));
        assert_eq!(plan.due(1), [0]);
        assert_eq!(plan.ended(0, 1, true), restart(&[], 2, 2));
        // The other child has its own.
        assert_eq!(plan.ended(1, 0, true), restart(&[], 1, 3));
        assert_eq!(plan.due(2), [0]);
        // The window of a restart that another followed says nothing of the child.
        plan.aged(0, 1);
        assert_eq!(plan.ended(0, 2, true), restart(&[], 4, 4));
        assert_eq!(plan.due(4), [0]);
        plan.aged(0, 4);
        assert_eq!(plan.ended(0, 4, true), restart(&[], 1, 5));
    }

    #[test]
    fn one_restart_too_many_in_the_window_is_the_end() {
        let mut plan = plan(OneForOne, 2, &[Always, Always]);
        assert_eq!(plan.ended(0, 0, false), restart(&[], 1, 1));
        assert_eq!(plan.ended(1, 0, false), restart(&[], 1, 2));
        plan.due(1);
        plan.aged(0, 1);
        assert_eq!(plan.ended(0, 1, false), restart(&[], 1, 3));
        plan.due(2);
        assert_eq!(plan.ended(1, 2, false), Verdict::GiveUp);
    }

    #[test]
    fn a_limit_of_none_allows_none() {
        let mut plan = plan(OneForOne, 0, &[OnFailure]);
        assert_eq!(plan.ended(0, 0, false), Verdict::GiveUp);
    }

    #[test]
    fn all_are_stopped_last_first_and_started_in_order() {
        let mut plan = plan(OneForAll, 5, &[OnFailure, Always, OnFailure, Never]);
        assert_eq!(plan.ended(0, 0, true), Verdict::Ended);
        assert_eq!(plan.ended(1, 0, false), restart(&[3, 2], 1, 1));
        // They end since they were stopped, which is no news.
        assert_eq!(plan.ended(2, 0, false), Verdict::Stale);
        assert_eq!(plan.ended(3, 0, true), Verdict::Stale);
        // One had ended for good, and one that is never restarted was stopped.
        assert_eq!(plan.due(1), [1, 2]);
    }

    #[test]
    fn the_rest_is_restarted_with_one_and_a_later_round_overtakes() {
        let mut plan = plan(RestForOne, 5, &[Always, Always, Always]);
        assert_eq!(plan.ended(1, 0, false), restart(&[2], 1, 1));
        assert_eq!(plan.ended(0, 0, false), restart(&[], 1, 2));
        assert!(plan.due(1).is_empty());
        assert_eq!(plan.due(2), [0, 1, 2]);
    }

    #[test]
    fn a_child_that_cannot_be_started_again_counts_as_a_failure() {
        let mut plan = plan(OneForAll, 2, &[Always, Always]);
        assert_eq!(plan.ended(0, 0, false), restart(&[1], 1, 1));
        assert_eq!(plan.due(1), [0, 1]);
        // The first was started, the second was refused.
        assert_eq!(plan.ended(1, 1, false), restart(&[0], 1, 2));
        assert_eq!(plan.due(2), [0, 1]);
        assert_eq!(plan.ended(1, 2, false), Verdict::GiveUp);
    }
}
