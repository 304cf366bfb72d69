"""Makes a folder that underpaint serves from a diffusers folder or a single checkpoint."""
