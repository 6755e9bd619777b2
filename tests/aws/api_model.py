"""SageMaker's own API model, as botocore ships it, checked in full.

botocore itself checks types, required members and minimums only.
"""

import botocore.loaders
import regex


class ApiModel:
    def __init__(self, service="sagemaker"):
        model = botocore.loaders.Loader().load_service_model(service, "service-2")
        self.shapes, self.operations = model["shapes"], model["operations"]

    def faults(self, operation, body):
        """All that is wrong with a request, as `path: what`."""
        return list(self._faults(self.operations[operation]["input"]["shape"], body, operation))

    def _faults(self, name, value, path):
        shape = self.shapes[name]
        kind = shape["type"]
        expected = {
            "structure": dict, "map": dict, "list": list, "string": str, "boolean": bool,
            "integer": int, "long": int, "float": (int, float), "double": (int, float), "timestamp": (int, float),
        }[kind]
        if not isinstance(value, expected) or (kind in ("integer", "long") and isinstance(value, bool)):
            yield f"{path}: a {kind} belongs here"
            return
        size = value if kind in ("integer", "long", "float", "double") else None
        size = len(value) if kind in ("string", "list") else size
        if size is not None and not shape.get("min", size) <= size <= shape.get("max", size):
            yield f"{path}: {size} is not in {shape.get('min', '')}..{shape.get('max', '')}"
        if "pattern" in shape and not regex.fullmatch(java_pattern(shape["pattern"]), value):
            yield f"{path}: does not match {shape['pattern']}"
        if "enum" in shape and value not in shape["enum"]:
            yield f"{path}: is none of {shape['enum']}"
        if kind == "structure":
            for member in shape.get("required", []):
                if member not in value:
                    yield f"{path}.{member}: is missing"
            for member, inner in value.items():
                if member in shape["members"]:
                    yield from self._faults(shape["members"][member]["shape"], inner, f"{path}.{member}")
                else:
                    yield f"{path}.{member}: is unknown"
        if kind == "list":
            for idx, inner in enumerate(value):
                yield from self._faults(shape["member"]["shape"], inner, f"{path}[{idx}]")


def java_pattern(pattern):
    """The service's patterns are Java's, which spell code points above U+FFFF as surrogates."""
    return regex.sub(r"\\u([0-9A-Fa-f]{4})", lambda match: chr(int(match[1], 16)) if not 0xD800 <= int(match[1], 16) < 0xE000 else match[0], pattern)
