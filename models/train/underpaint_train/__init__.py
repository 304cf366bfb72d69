"""How the embedded model of underpaint is made: scenes, autoencoder, teacher, student, export."""
