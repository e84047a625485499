-- A member changes their own booking: it is noted like what staff do, and cannot be taken back by them.

alter table booking_changes drop constraint booking_changes_kind_check,
    add check (kind in ('change', 'cancel', 'own'));
