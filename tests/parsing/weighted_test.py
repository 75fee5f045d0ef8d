import numpy as np

from tfdood.parsing import weighted

_JOINT = np.array([[0.1, 0.2], [0.0001, 0.45], [0.3, 0.0]])


class _Explanations(weighted.Weighted):
    def __init__(self):
        likelihood = np.array([[0.2, 0.8], [1.0, 0.5], [1.0, 0.0]])
        with np.errstate(divide="ignore"):  # One explains nothing.
            self.log_likelihood = np.log(likelihood) - 8_000.0
        self.log_prior = np.log([[0.5, 0.25], [0.0001, 0.9], [0.3, 0.7]])


def test_the_joint_density_is_the_product_of_prior_and_likelihood():
    log_joint = _Explanations().log_joint
    np.testing.assert_allclose(np.exp(log_joint + 8_000.0), _JOINT, rtol=1e-9)


def test_weights_are_shares_of_the_joint_density():
    np.testing.assert_allclose(
        np.exp(_Explanations().log_weights),
        _JOINT / _JOINT.sum(1, keepdims=True),
        rtol=1e-9,
    )
