"""Loads exported models, and runs them in Python."""

import functools
import json
import os
from typing import Any

import numpy as np
import tensorflow as tf

from tfdood.files import patterns
from tfdood.parsing import endpoints
from tfdood.saved import versions
from tfdood.settings import text as settings_lib


class ExportedModel:
    """A SavedModel with its configuration and its signatures.

    The graph is loaded when a signature is called for the first time.

    Attributes:
        path: the folder of the version.
        name: the name of the model, which is the name of its folder.
        fingerprint: a digest of the configuration and the weights.
        config: the configuration.
        facts: the content of `export.json`: `step`, `num_particles`, `metrics`
            and more.

    Args:
        folder: the folder of a version, or the folder of all versions of a
            model; then the newest version is used.

    Raises:
        FileNotFoundError: If there is no exported model.
        ValueError: If the exported model is damaged, or if its path has a
            character such as `*`, `?` or `[`.
    """

    def __init__(self, folder: str | os.PathLike) -> None:
        self.path = versions.newest(folder).resolve()
        patterns.refuse(self.path)
        is_version = self.path.name.isdecimal()
        self.name = (self.path.parent if is_version else self.path).name
        try:
            text = (self.path / "config.json").read_text()
            self.config = settings_lib.from_json(text)
            self.facts: dict[str, Any] = json.loads(
                (self.path / "export.json").read_text()
            )
            missing = {"step", "num_particles", "fingerprint"} - set(self.facts)
            if missing:
                raise ValueError(f"export.json lacks {sorted(missing)}")
            self.fingerprint: str = self.facts["fingerprint"]
        except (OSError, ValueError, TypeError) as error:
            raise self._unusable(error) from error

    @functools.cached_property
    def _loaded(self) -> Any:
        try:
            return tf.saved_model.load(str(self.path))
        except (
            *(OSError, ValueError, IndexError),
            tf.errors.OpError,
        ) as error:
            raise self._unusable(error) from error

    def _unusable(self, error: Exception) -> ValueError:
        if not (self.path / "config.json").exists():
            reason = "it has no config.json, so that tfdood did not write it"
        else:
            reason = str(error).partition("\n")[0].rstrip(".")
        return ValueError(
            f"{self.path} cannot be used as an exported model: {reason}. "
            "Export it again with python -m export.main, or remove this folder "
            "if tfdood wrote it to its cache."
        )

    @property
    def image_size(self) -> int:
        """Height and width of the images, in pixels."""
        return self.config.model.image_size

    @property
    def num_channels(self) -> int:
        """Channels of the images: 1 if they are grey, 3 in colours."""
        return self.config.model.num_channels

    def run(self, signature: str, **inputs: Any) -> dict[str, tf.Tensor]:
        """Calls a signature once. The outputs are differentiable.

        Args:
            signature: the name of the signature.
            **inputs: arrays or tensors, each with `B` rows.

        Returns:
            The outputs by name.

        Raises:
            ValueError: If the model has no such signature, if the inputs have
                other names, or if its graph is damaged.
        """
        function = self._signature(signature)
        specs = function.structured_input_signature[1]
        if set(inputs) != set(specs):
            raise ValueError(
                f"The inputs of {signature} are {', '.join(specs)}, got "
                f"{', '.join(inputs) or 'none'}."
            )
        return function(
            **{
                name: tf.convert_to_tensor(value, specs[name].dtype)
                for name, value in inputs.items()
            }
        )

    def output_names(self, signature: str) -> set[str]:
        """Lists the outputs of a signature.

        Args:
            signature: the name of the signature.

        Returns:
            The names of the outputs.

        Raises:
            ValueError: If the model has no such signature.
        """
        return set(self._signature(signature).structured_outputs)

    @property
    def signature_names(self) -> list[str]:
        """The names of all signatures, sorted."""
        return sorted(self._loaded.signatures)

    def _signature(self, name: str) -> Any:
        if name not in self._loaded.signatures:
            known = ", ".join(self.signature_names)
            advice = ""
            if "score_start" in self.signature_names:
                advice = (
                    " It explains drawings by a search alone: add "
                    "--parser=searched, where a task has it."
                )
            raise ValueError(
                f"The model {self.path} has no signature {name!r}; it has "
                f"{known}.{advice}"
            )
        return self._loaded.signatures[name]

    def run_all(
        self,
        signature: str,
        *,
        rows_a_call: int = 64,
        outputs: tuple[str, ...] | None = None,
        **inputs: np.ndarray,
    ) -> dict[str, np.ndarray]:
        """Calls a signature for many rows, in chunks, as `endpoints.run_all`.

        Args:
            signature: the name of the signature.
            rows_a_call: the number of rows in a chunk; a smaller number needs
                less memory.
            outputs: the names of the outputs to return; by default all.
            **inputs: arrays with the same number of rows, at least one.

        Returns:
            The outputs of all rows, by name.

        Raises:
            ValueError: If the model has no such signature, if the inputs have
                other names, or if its graph is damaged.
        """
        return endpoints.run_all(
            self,
            signature,
            rows_a_call=rows_a_call,
            outputs=outputs,
            **inputs,
        )
