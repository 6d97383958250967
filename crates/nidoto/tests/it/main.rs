//! The built binary, held to what it promises: one file for each command, and the laws of the house.

mod capture;
mod check;
mod corpus;
mod formats;
mod hostile;
mod killed;
mod laws;
mod prove;
mod servers;
mod support;
mod tidy;
mod writing;
