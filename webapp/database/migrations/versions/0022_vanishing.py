"""until when sources serve what series lack

Revision ID: 0022
Revises: 0019
Create Date: 2026-11-30 00:10:00.000000

"""
from alembic import op
import sqlalchemy as sa


# revision identifiers, used by Alembic.
revision = '0022'
down_revision = '0019'
branch_labels = None
depends_on = None


def upgrade():
    op.add_column('series_figures', sa.Column('vanishes_at', sa.BigInteger(), nullable=True))
    op.create_index(op.f('ix_series_figures_vanishes_at'), 'series_figures', ['vanishes_at'])
    op.execute('DELETE FROM series_figures')  # counted anew by the clock, with the new figure


def downgrade():
    op.drop_index(op.f('ix_series_figures_vanishes_at'), table_name='series_figures')
    op.drop_column('series_figures', 'vanishes_at')
