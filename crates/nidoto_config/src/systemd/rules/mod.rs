//! Rules over systemd units.

pub(crate) mod sysd001_reboots_at_every_boot;
pub(crate) mod sysd002_persistent_reboot;
pub(crate) mod sysd003_persistent_without_calendar;
pub(crate) mod sysd004_restarts_without_limit;
