//! Rules over configuration files, each born from an outage.
