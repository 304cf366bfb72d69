"""One trainer for each network, and the loop that they share."""
