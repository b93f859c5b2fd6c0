"""Fault tests use the systems, fixtures and limits of the flow tests, and leave a row each for the
table that `make fault` ends with."""
import importlib.util
import pathlib
import sys

FLOW = pathlib.Path(__file__).resolve().parent.parent / "flow"
sys.path[:0] = [str(pathlib.Path(__file__).parent), str(FLOW), str(FLOW.parent)]

spec = importlib.util.spec_from_file_location("flow_conftest", FLOW / "conftest.py")
flow_conftest = importlib.util.module_from_spec(spec)
spec.loader.exec_module(flow_conftest)
globals().update({name: value for name, value in vars(flow_conftest).items()
                  if name.startswith("pytest_") or name in ("daybook", "system")})
