//! One chart model, drawn for terminals.
