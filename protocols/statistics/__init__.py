"""Statistics of a laboratory: proficiency, precision, outliers, control charts."""
