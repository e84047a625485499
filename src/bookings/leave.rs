//! Leave to set rules aside, which staff have with a reason; nobody has leave to take what is taken.

use chrono::{DateTime, Duration, Utc};

use super::refusal::Refusal;

/// Of a member: none. What is taken, closed off, out of order or too small stays so for everybody.
#[derive(Clone, Debug, Default)]
pub struct Leave {
    at_the_desk: bool,
    with_reason: bool,
    /// The rules that would have refused, as a member would read them.
    set_aside: Vec<Refusal>,
}

impl Leave {
    /// Of the front desk: somebody who stands there begins with the step that has begun, and with a
    /// reason rules are set aside.
    pub fn at_the_desk(with_reason: bool) -> Leave {
        Leave {
            at_the_desk: true,
            with_reason,
            set_aside: Vec::new(),
        }
    }

    /// Refuses, or notes what would have.
    pub fn rule(&mut self, refusal: Refusal) -> Result<(), Refusal> {
        if !self.with_reason {
            return Err(refusal);
        }
        self.set_aside.push(refusal);
        Ok(())
    }

    pub fn set_aside(&self) -> &[Refusal] {
        &self.set_aside
    }

    /// Before this it is the past.
    pub fn earliest(&self, now: DateTime<Utc>, step_minutes: i64) -> DateTime<Utc> {
        if self.at_the_desk {
            now - Duration::minutes(step_minutes) + Duration::seconds(1)
        } else {
            now
        }
    }
}

impl Refusal {
    /// A rule that staff may set aside with a reason.
    pub fn may_be_set_aside(&self) -> bool {
        matches!(
            self,
            Refusal::Past
                | Refusal::TooSoon { .. }
                | Refusal::TooFar { .. }
                | Refusal::TooShort { .. }
                | Refusal::TooLong { .. }
                | Refusal::OffGrid { .. }
                | Refusal::OutsideHours { .. }
                | Refusal::ClosedDay { .. }
                | Refusal::TooManyAtOnce { .. }
                | Refusal::OverLimit(_)
                | Refusal::HouseFull { .. }
                | Refusal::Barred
                | Refusal::ExtraTooLate { .. }
        )
    }
}
