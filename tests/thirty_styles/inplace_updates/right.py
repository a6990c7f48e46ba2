"""Online training: the weights are changed inside of train_step, the loss comes back."""
import numpy as np


class OnlineRNN:
    def __init__(self, n_in, n_hid, n_out, l2=0.05):
        self.W_in = np.random.normal(0, 0.1, (n_hid, n_in))
        self.W_rec = np.random.normal(0, 0.1, (n_hid, n_hid))
        self.W_out = np.random.normal(0, 0.1, (n_out, n_hid))
        self.b_hid = np.zeros(n_hid)
        self.b_out = np.zeros(n_out)
        self.l2 = l2

    def train_step(self, xs, targets, lr):
        # forward
        hs = [np.zeros(self.b_hid.shape)]
        ys = []
        for x in xs:
            hs.append(np.tanh(self.W_in.dot(x) + self.W_rec.dot(hs[-1]) + self.b_hid))
            ys.append(self.W_out.dot(hs[-1]) + self.b_out)
        loss = 0.5 * sum(np.square(y - t).sum() for y, t in zip(ys, targets)) / len(xs)
        for W in (self.W_in, self.W_rec, self.W_out):
            loss = loss + 0.5 * self.l2 * (W ** 2).sum()

        # backward
        dW_in = self.l2 * self.W_in
        dW_rec = self.l2 * self.W_rec
        dW_out = self.l2 * self.W_out
        db_hid, db_out = np.zeros(self.b_hid.shape), np.zeros(self.b_out.shape)
        from_right = np.zeros(self.b_hid.shape)
        for k in range(len(xs) - 1, -1, -1):
            err = (ys[k] - targets[k]) / len(xs)
            dW_out += np.outer(err, hs[k + 1])
            db_out += err
            delta = (self.W_out.T.dot(err) + from_right) * (1 - hs[k + 1] ** 2)
            dW_in += np.outer(delta, xs[k])
            dW_rec += np.outer(delta, hs[k])
            db_hid += delta
            from_right = self.W_rec.T.dot(delta)

        # update
        self.W_in -= lr * dW_in
        self.W_rec -= lr * dW_rec
        self.W_out -= lr * dW_out
        self.b_hid -= lr * db_hid
        self.b_out -= lr * db_out
        return loss


def demo():
    net = OnlineRNN(1, 8, 1, l2=0.0)
    xs = [np.array([np.sin(0.5 * k)]) for k in range(20)]
    for _ in range(300):
        loss = net.train_step(xs[:-1], xs[1:], lr=0.1)
    print("loss", loss)


if __name__ == "__main__":
    demo()
