"""``python -m assay``: the same command line as ``assay``."""

from assay.cli.main import run

if __name__ == "__main__":
    run(prog_name="assay")
