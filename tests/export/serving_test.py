import pathlib
import re

from google.protobuf import text_format
from tensorflow_serving.config import model_server_config_pb2

_FOLDER = pathlib.Path(__file__).parents[2] / "export" / "serving"


def test_model_paths_of_the_configuration_are_those_of_the_readme():
    text = (_FOLDER / "models.config").read_text()
    config = model_server_config_pb2.ModelServerConfig()
    text_format.Parse(text, config)
    (model,) = config.model_config_list.config
    assert model.base_path == f"/models/{model.name}"
    assert model.model_platform == "tensorflow"
    assert model.name in (_FOLDER / "README.md").read_text()


def test_files_in_the_readme_exist():
    text = (_FOLDER / "README.md").read_text()
    names = re.findall(r"/config/(\S+)", text)
    assert set(names) == {"models.config", "batching.config"}
    assert all((_FOLDER / name).exists() for name in names)
