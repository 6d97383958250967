//! What nidoto is about: incidents, evidence, guards, findings and verdicts.
