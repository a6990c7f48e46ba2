import numpy as np

SLOPE = 0.1


class RecurrentNet:
	# x, h and y are rows: (1, size)
	def __init__(self, nx, nh, ny):
		self.Wx = np.random.randn(nx, nh) * 0.1
		self.Wh = np.eye(nh) * 0.5
		self.bh = np.zeros((1, nh))
		self.Wy = np.random.randn(nh, ny) * 0.1
		self.by = np.zeros((1, ny))

	def activation(self, a):
		return np.where(a > 0, a, SLOPE * a)

	def derivative(self, a):
		return np.where(a > 0, 1.0, 0.0)

	def predict(self, rows):
		self.rows = rows
		self.a = []
		self.h = [np.zeros_like(self.bh)]
		out = []
		for x in rows:
			self.a.append(x @ self.Wx + self.h[-1] @ self.Wh + self.bh)
			self.h.append(self.activation(self.a[-1]))
			out.append(self.h[-1] @ self.Wy + self.by)
		return out

	def loss(self, rows, targets):
		self.error = [y - t for y, t in zip(self.predict(rows), targets)]
		return sum((e ** 2).sum() for e in self.error)

	def gradients(self):
		dWx = np.zeros_like(self.Wx)
		dWh = np.zeros_like(self.Wh)
		dbh = np.zeros_like(self.bh)
		dWy = np.zeros_like(self.Wy)
		dby = np.zeros_like(self.by)
		back = np.zeros_like(self.bh)
		t = len(self.rows)
		while t > 0:
			t -= 1
			dy = 2 * self.error[t]
			dWy += self.h[t + 1].T @ dy
			dby += dy
			dh = dy @ self.Wy.T + back
			da = dh * self.derivative(self.a[t])
			dWx += self.rows[t].T @ da
			dWh += self.h[t].T @ da
			dbh += da
			back = da @ self.Wh.T
		return dWx, dWh, dbh, dWy, dby

	def learn(self, rows, targets, rate=0.01):
		before = self.loss(rows, targets)
		for w, d in zip((self.Wx, self.Wh, self.bh, self.Wy, self.by), self.gradients()):
			w -= rate * d
		return before
