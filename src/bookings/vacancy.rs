//! From when a space is free for a whole month.

use chrono::{Months, NaiveDate};

use super::sheet::Sheet;
use crate::spaces::space::Space;

impl Sheet {
    /// The first date, today or later, from which nothing takes the space for a month, as far as this
    /// sheet reaches; `None` if that is beyond it.
    pub fn vacant_from(&self, space: &Space) -> Option<NaiveDate> {
        let zone = self.zone(space);
        let mut first = self.today(space);
        let (_, last) = self.days;
        for span in self.busy(space) {
            let month = first.checked_add_months(Months::new(1))?;
            if zone.date(span.from) < month && zone.date(span.until) >= first {
                first = zone.date(span.until).succ_opt()?;
            }
        }
        (first.checked_add_months(Months::new(1))? <= last).then_some(first)
    }
}
