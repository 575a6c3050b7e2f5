//! What facedeck reads from a network's file itself, without loading the network.
