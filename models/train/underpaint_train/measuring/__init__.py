"""How good the trained networks are, measured on scenes that they were not trained on."""
