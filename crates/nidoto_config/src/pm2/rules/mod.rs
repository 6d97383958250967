//! Rules over PM2.

pub(crate) mod pm2001_restart_hides_leak;
