import numpy as np
import pytest
from tensorflow.core.protobuf import meta_graph_pb2

from export import meta_graph


def _proto():
    """Signatures of every shape, among other fields."""
    proto = meta_graph_pb2.MetaGraphDef()
    proto.meta_info_def.tags.append("serve")
    proto.graph_def.node.add(name="x", op="Placeholder")
    proto.saver_def.version = 2
    signature = proto.signature_def["draw"]
    signature.method_name = "tensorflow/serving/predict"
    image = signature.inputs["image"]
    image.name, image.dtype = "x:0", 1
    for size in (-1, 0, 300, 1):
        image.tensor_shape.dim.add(size=size, name="d")
    text = signature.inputs["text"]
    text.name, text.dtype = "t:0", 7
    text.tensor_shape.unknown_rank = True
    scalar = signature.outputs["scalar"]
    scalar.name, scalar.dtype = "y:300", 10
    scalar.tensor_shape.SetInParent()
    signature.outputs["half"].dtype = 19
    proto.signature_def["empty"].SetInParent()
    proto.signature_def["__saved_model_init_op"].outputs["op"].name = "NoOp"
    return proto


def test_reads_what_protocol_buffers_write():
    signatures = meta_graph.signatures(_proto().SerializeToString())
    assert list(signatures) == ["draw", "empty"]
    assert signatures["empty"] == meta_graph.Signature({}, {})
    draw = signatures["draw"]
    assert draw.inputs == {
        "image": ("x:0", np.dtype(np.float32), (-1, 0, 300, 1)),
        "text": ("t:0", np.dtype(object), None),
    }
    assert draw.outputs["scalar"] == ("y:300", np.dtype(np.bool_), ())
    assert draw.outputs["half"].dtype is None


@pytest.mark.parametrize("length", [0, 127, 128, 70_000])
def test_reads_names_of_any_length(length):
    proto = _proto()
    name = "n" * length
    proto.signature_def["draw"].inputs["image"].name = name
    signatures = meta_graph.signatures(proto.SerializeToString())
    assert signatures["draw"].inputs["image"].name == name
