import pickle, sys

with open("/no/such/folder/data.pkl", "wb") as f:
    pickle.dump({}, f)
