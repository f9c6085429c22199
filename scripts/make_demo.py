"""Make the embedded data set, its statistics and its contact sheet."""

import argparse
from dataclasses import asdict
from pathlib import Path

from partparse.running.program import limit_threads, parse_settings, run


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--root", type=Path, required=True, help="folder of the data set")
    parser.add_argument("--settings", required=True, help="the config's `demo` section as JSON")
    parser.add_argument("--version", type=int, required=True, help="of the code, for caches")
    parser.add_argument("--threads", type=int, default=1, help="processes that draw")
    parser.add_argument("--out", type=Path, required=True, help="statistics (JSON)")
    parser.add_argument("--contact-sheet", type=Path, required=True, help="picture (JPEG or PNG)")
    arguments = parser.parse_args()
    limit_threads(1)

    from partparse.demo.contact_sheet import draw_contact_sheet
    from partparse.demo.dataset import write_dataset
    from partparse.demo.plan import DemoSettings
    from partparse.demo.statistics import measure, table
    from partparse.files.atomic import write_json

    settings = parse_settings(DemoSettings, arguments.settings)
    write_dataset(arguments.root, settings, version=arguments.version, processes=arguments.threads)
    draw_contact_sheet(arguments.contact_sheet, arguments.root, settings)
    measured = measure(arguments.root, settings)
    print(table(measured))
    made_from = {"version": arguments.version, "settings": asdict(settings)}
    write_json(arguments.out, {"made_from": made_from, "statistics": measured})


if __name__ == "__main__":
    run(main)
