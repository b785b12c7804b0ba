module mlpviz

go 1.22
