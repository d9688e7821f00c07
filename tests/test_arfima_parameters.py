"""The box of partial autocorrelations: every point stable, every stable model a point."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from memtools.arfima.parameters import (
    Dynamics,
    Space,
    from_partial,
    from_partial_with_jacobian,
    is_stable,
    to_partial,
)

PARTIALS = st.lists(st.floats(-0.97, 0.97), max_size=5).map(np.array)


@given(PARTIALS)
def test_every_point_of_the_box_is_stable(partial):
    phi = from_partial(partial)
    roots = np.roots(np.concatenate([[1.0], -phi]))
    assert np.all(np.abs(roots) < 1.0)
    assert is_stable(phi)


@given(PARTIALS)
def test_the_way_back(partial):
    np.testing.assert_allclose(to_partial(from_partial(partial)), partial, atol=1e-9)


@given(PARTIALS)
def test_jacobian_is_the_derivative(partial):
    _, jacobian = from_partial_with_jacobian(partial)
    for j in range(len(partial)):
        move = np.zeros(len(partial))
        move[j] = 1e-6
        slope = (from_partial(partial + move) - from_partial(partial - move)) / 2e-6
        np.testing.assert_allclose(jacobian[:, j], slope, atol=1e-8)


@pytest.mark.parametrize("phi", [[1.0], [-1.0], [1.2], [0.5, 0.5], [0.0, -1.0], [2.0, -0.99]])
def test_unit_and_explosive_roots_are_not_stable(phi):
    assert not is_stable(np.array(phi))


def test_a_pure_fractional_model_has_one_coordinate():
    space = Space(0, 0)
    assert space.point(Dynamics(0.3, np.empty(0), np.empty(0))).tolist() == [0.3]
    assert space.dynamics(np.array([0.3])).vector.tolist() == [0.3]


def test_signs_are_those_of_statsmodels():
    space = Space(1, 1)
    model = space.dynamics(np.array([0.2, 0.5, 0.3]))
    assert (model.ar.tolist(), model.ma.tolist()) == ([0.5], [-0.3])
    np.testing.assert_allclose(space.point(model), [0.2, 0.5, 0.3])
