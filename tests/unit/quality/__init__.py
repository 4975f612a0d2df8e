"""Tests of assay.quality."""
