#!/usr/bin/env python
# coding: utf-8

# # LSTM from the formulas
# One sequence, one-hot letters, a cell for each letter.

# In[1]:


import numpy as np
np.set_printoptions(precision=3)


# In[2]:


alphabet = "abcd "
nV = len(alphabet)
nH = 3
size = nH + nV


# Parameters: a class that holds the value and its derivative.

# In[3]:


class Param:
    def __init__(self, name, value):
        self.name = name
        self.v = value
        self.d = np.zeros_like(value)


W_f = Param("W_f", np.random.randn(nH, size) * 0.1 + 0.5)
b_f = Param("b_f", np.zeros((nH, 1)))
W_i = Param("W_i", np.random.randn(nH, size) * 0.1 + 0.5)
b_i = Param("b_i", np.zeros((nH, 1)))
W_C = Param("W_C", np.random.randn(nH, size) * 0.1)
b_C = Param("b_C", np.zeros((nH, 1)))
W_o = Param("W_o", np.random.randn(nH, size) * 0.1 + 0.5)
b_o = Param("b_o", np.zeros((nH, 1)))
W_v = Param("W_v", np.random.randn(nV, nH) * 0.1)
b_v = Param("b_v", np.zeros((nV, 1)))
everything = [W_f, b_f, W_i, b_i, W_C, b_C, W_o, b_o, W_v, b_v]


# In[4]:


def sig(x):
    return 1 / (1 + np.exp(-x))


def cell(x, h_prev, C_prev):
    z = np.vstack((h_prev, x))
    f = sig(W_f.v @ z + b_f.v)
    i = sig(W_i.v @ z + b_i.v)
    C_bar = np.tanh(W_C.v @ z + b_C.v)
    C = f * C_prev + i * C_bar
    o = sig(W_o.v @ z + b_o.v)
    h = o * np.tanh(C)
    v = W_v.v @ h + b_v.v
    y = np.exp(v) / np.exp(v).sum()
    return z, f, i, C_bar, C, o, h, y


# Now backward. `target` is the index of the right letter.

# In[5]:


def cell_back(target, dh_next, dC_next, C_prev, z, f, i, C_bar, C, o, h, y):
    dv = y.copy()
    dv[target] -= 1
    W_v.d += dv @ h.T
    b_v.d = dv

    dh = W_v.v.T @ dv + dh_next
    do = dh * np.tanh(C) * o * (1 - o)
    W_o.d += do @ z.T
    b_o.d += do

    dC = dC_next + dh * o * (1 - np.tanh(C) ** 2)
    dC_bar = dC * i * (1 - C_bar ** 2)
    W_C.d += dC_bar @ z.T
    b_C.d += dC_bar

    di = dC * C_bar * (1 - i)
    W_i.d += di @ z.T
    b_i.d += di

    df = dC * C_prev * f * (1 - f)
    W_f.d += df @ z.T
    b_f.d += df

    dz = W_f.v.T @ df + W_i.v.T @ di + W_C.v.T @ dC_bar + W_o.v.T @ do
    return dz[:nH], f * dC


# In[6]:


def sequence(letters, targets, h, C):
    for p in everything:
        p.d.fill(0)
    done = []
    loss = 0
    for k in letters:
        x = np.zeros((nV, 1))
        x[k] = 1
        step = cell(x, h, C)
        done.append((C,) + step)
        C, h, y = step[4], step[6], step[7]
        loss += -np.log(y[targets[len(done) - 1], 0])
    dh = dC = np.zeros((nH, 1))
    for target, step in zip(targets[::-1], done[::-1]):
        dh, dC = cell_back(target, dh, dC, *step)
    return loss, h, C, dh, dC


# In[7]:


text = [alphabet.index(c) for c in "abc abd"]
loss = sequence(text[:-1], text[1:], np.zeros((nH, 1)), np.zeros((nH, 1)))[0]
loss
