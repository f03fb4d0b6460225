"""Pictures of grids and curves: SVG and pixels, from plain arrays."""
