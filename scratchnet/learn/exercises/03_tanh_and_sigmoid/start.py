"""Exercise 03: tanh and sigmoid, and the LSTM's last equations backwards.

(4)  o = sigmoid(a_o)
(6)  h = o * tanh(c)
"""


def sigmoid_derivative(y):
    """Return d sigmoid(a) / da where y = sigmoid(a)."""
    # --- your code begins ---
    derivative = ...
    # --- your code ends ---
    return derivative


def tanh_derivative(y):
    """Return d tanh(a) / da where y = tanh(a)."""
    # --- your code begins ---
    derivative = ...
    # --- your code ends ---
    return derivative


def output_backward(dh, o, tanh_c):
    """Return (da_o, dc) for dh = dL/dh, through (6) and (4)."""
    # --- your code begins ---
    da_o = ...  # (6) (4)
    dc = ...  # (6)
    # --- your code ends ---
    return da_o, dc
