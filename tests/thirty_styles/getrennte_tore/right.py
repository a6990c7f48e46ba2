# -*- coding: utf-8 -*-
"""GRU mit getrennten Toren. Uebungsblatt 7, Aufgabe 2."""
import numpy as np


def sigmoide(a):
    return 1 / (1 + np.exp(-a))


class GRUSchicht:
    def __init__(self, eingang, verborgen):
        zufall = lambda *form: np.random.standard_normal(form) * 0.2
        # Auffrischtor
        self.W_auf, self.U_auf, self.b_auf = zufall(verborgen, eingang), zufall(verborgen, verborgen), zufall(verborgen, 1)
        # Ruecksetztor
        self.W_rueck, self.U_rueck, self.b_rueck = zufall(verborgen, eingang), zufall(verborgen, verborgen), zufall(verborgen, 1)
        # Kandidat
        self.W_kand, self.U_kand, self.b_kand = zufall(verborgen, eingang), zufall(verborgen, verborgen), zufall(verborgen, 1)

    def vorwaerts(self, folge, zustand):
        self.verlauf = []
        zustaende = []
        for eingabe in folge:
            vorher = zustand
            auf = sigmoide(self.W_auf @ eingabe + self.U_auf @ vorher + self.b_auf)
            rueck = sigmoide(self.W_rueck @ eingabe + self.U_rueck @ vorher + self.b_rueck)
            gedaempft = rueck * vorher
            kand = np.tanh(self.W_kand @ eingabe + self.U_kand @ gedaempft + self.b_kand)
            zustand = auf * vorher + (1 - auf) * kand
            self.verlauf.append((eingabe, vorher, auf, rueck, gedaempft, kand))
            zustaende.append(zustand)
        return zustaende

    def rueckwaerts(self, fehler):
        namen = [n for n in vars(self) if n[:2] in ("W_", "U_", "b_")]
        ableitung = {n: np.zeros_like(getattr(self, n)) for n in namen}
        d_zustand = 0
        d_folge = []
        for (eingabe, vorher, auf, rueck, gedaempft, kand), d in zip(self.verlauf[::-1], fehler[::-1]):
            d_zustand = d_zustand + d
            d_kand = d_zustand * (1 - auf) * (1 - kand ** 2)
            d_auf = d_zustand * (vorher - kand) * auf * (1 - auf)
            d_gedaempft = self.U_kand.T @ d_kand
            d_rueck = d_gedaempft * vorher * rueck * (1 - rueck)

            ableitung["W_auf"] += d_auf @ eingabe.T
            ableitung["U_auf"] += d_auf @ vorher.T
            ableitung["b_auf"] += d_auf.sum(axis=1, keepdims=True)
            ableitung["W_rueck"] += d_rueck @ eingabe.T
            ableitung["U_rueck"] += d_rueck @ vorher.T
            ableitung["b_rueck"] += d_rueck.sum(axis=1, keepdims=True)
            ableitung["W_kand"] += d_kand @ eingabe.T
            ableitung["U_kand"] += d_kand @ gedaempft.T
            ableitung["b_kand"] += d_kand.sum(axis=1, keepdims=True)

            d_folge.append(self.W_auf.T @ d_auf + self.W_rueck.T @ d_rueck + self.W_kand.T @ d_kand)
            d_zustand = d_zustand * auf + self.U_auf.T @ d_auf + self.U_rueck.T @ d_rueck
            d_zustand += d_gedaempft * rueck
        return ableitung, d_folge[::-1], d_zustand
