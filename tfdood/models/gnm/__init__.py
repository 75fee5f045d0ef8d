"""GNM, a model of scenes of objects."""
