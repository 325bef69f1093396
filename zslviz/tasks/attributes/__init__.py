"""Classes described by attributes: a photo's attribute scores rank classes that were never trained on."""
